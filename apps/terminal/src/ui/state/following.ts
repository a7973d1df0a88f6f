// What is known of an order that is followed, news by news. Pure.
import type { OrderHistory } from "@orderwatch/core/OrderHistory"
import type { OrderReport } from "@orderwatch/core/OrderReport"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type {
  Changed,
  FollowEvent,
  Look,
  NextLook,
  NotVisibleYet,
  Retrying,
  Throttled
} from "@orderwatch/core/Tracker"

export interface Following {
  readonly latest: Changed | undefined
  readonly next: NextLook | undefined
  readonly trouble: NotVisibleYet | Retrying | Throttled | undefined
  /** Why it is followed no longer. */
  readonly error: PartnerCenterError | undefined
}

export type News = FollowEvent | { readonly _tag: "Failed"; readonly error: PartnerCenterError }

export const unseen: Following = {
  latest: undefined,
  next: undefined,
  trouble: undefined,
  error: undefined
}

const most = 100

// Whoever pauses begins a new history upstream; the screen goes on with the old one.
const joined = (before: OrderHistory | undefined, now: OrderHistory): OrderHistory => {
  const last = before?.changes.at(-1)
  if (before === undefined || last === undefined) return now
  if (now.firstSeenAt.epochMilliseconds <= before.firstSeenAt.epochMilliseconds) return now
  const news = now.changes.filter(
    ({ at, units, verdict }, index) =>
      at.epochMilliseconds > last.at.epochMilliseconds &&
      !(index === 0 && verdict === last.verdict && units.fulfilled === last.units.fulfilled)
  )
  const pendingSince = before.pendingSince ?? now.pendingSince
  return {
    firstSeenAt: before.firstSeenAt,
    ...(pendingSince !== undefined && { pendingSince }),
    ...(now.settledAt !== undefined && { settledAt: now.settledAt }),
    changes: [...before.changes, ...news].slice(-most)
  }
}

/** What is known after the news. */
export const after = (self: Following, news: News): Following => {
  switch (news._tag) {
    case "Changed":
      return {
        ...self,
        latest: { ...news, history: joined(self.latest?.history, news.history) },
        trouble: undefined,
        error: undefined
      }
    case "NextLook":
      return { ...self, next: news }
    case "Failed":
      return { ...self, error: news.error, next: undefined }
    default:
      return { ...self, trouble: news }
  }
}

/** The order as it was last seen, by whoever looked. */
export interface Seen extends Look {
  readonly error?: undefined
}

/** Whether somebody should see to it. */
export const isFault = ({ lines, units, verdict }: OrderReport): boolean =>
  verdict === "unfulfilled" ||
  verdict === "partiallyFulfilled" ||
  verdict === "unknown" ||
  units.unfulfilled > 0 ||
  lines.some((line) => line.warnings.includes("wentBack"))

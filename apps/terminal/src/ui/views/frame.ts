// What stands around a list or a text: where one is, and what it is of.
import { plain } from "@orderwatch/core/text"
import { count, fit } from "../../render/width.ts"
import type { Theme } from "../../theme.ts"
import type { Loading } from "../state/rows.ts"
import type { Screen } from "../state/screen.ts"
import type { Kept } from "../watchlistFile.ts"

export interface Look {
  readonly columns: number
  readonly theme: Theme
}

const whose = ({
  domain,
  id,
  name
}: {
  name?: string | undefined
  domain?: string | undefined
  id: string
}) => plain(name ?? domain ?? id)

/** The way here, for the header. */
export const pathOf = (screen: Screen): ReadonlyArray<string> => {
  switch (screen._tag) {
    case "Welcome":
      return []
    case "SignIn":
      return ["Sign in"]
    case "Orders":
      return [whose(screen.customer)]
    case "Order":
      return [whose(screen.target.customer), screen.target.orderId]
    default:
      return [screen._tag]
  }
}

/** What the list is of, and how it is narrowed. */
export const titleLine = ({
  columns,
  count: found,
  height,
  isPaused,
  kept,
  loading,
  screen,
  theme
}: Look & {
  readonly screen: Screen
  readonly count: number
  /** How many of them are shown at a time. */
  readonly height: number
  readonly loading: Loading
  readonly isPaused: boolean
  readonly kept: Pick<Kept, "isNotifying">
}): string => {
  const { filter, isFaultsOnly } = screen.place
  const narrowed = [
    ...(filter === "" ? [] : [`with “${plain(filter)}”`]),
    ...(isFaultsOnly ? ["faults only (f: all)"] : []),
    ...(isPaused ? ["paused (p: go on)"] : []),
    ...(loading.isWaiting ? ["…"] : [])
  ]
  const much = (noun: string) =>
    found === 0 && loading.isWaiting ? `${noun}s` : count(found, noun)
  const what = (): ReadonlyArray<string> => {
    switch (screen._tag) {
      case "Customers":
        return [`${much("customer")}${loading.isMore ? ", more below" : ""}`]
      case "Orders":
        return [`${much("order")} of ${whose(screen.customer)}, the newest first`]
      case "Watchlist":
        return [
          `${much("order")} watched`,
          kept.isNotifying ? "changes are notified" : "not notified"
        ]
      default: {
        // That there is more of a text than what one sees.
        const from = Math.min(screen.place.at, Math.max(0, found - height))
        return found > height ? [`lines ${from + 1} to ${from + height} of ${found}`] : []
      }
    }
  }
  if (found === 0 && loading.error !== undefined) return ""
  return theme.dim(fit([...what(), ...narrowed].join(" · "), columns))
}

/** What an empty list says. */
export const emptyWords = ({ _tag, place }: Screen, { error, isWaiting }: Loading): string => {
  if (isWaiting) return "  … asking"
  if (error !== undefined) return "  nothing could be asked: e says why, and what to do"
  if (place.filter !== "" || place.isFaultsOnly) return "  nothing found (esc: all)"
  if (_tag === "Orders") return "  no orders; a new one can take 15 minutes to be listed"
  return _tag === "Watchlist"
    ? "  nothing is watched: space on an order puts it here"
    : "  nothing here"
}

// The orders that one watches, across customers, a line each.
import { title } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import { Result } from "effect"
import type { Theme } from "../../theme.ts"
import { bar } from "../components/bar.ts"
import { layout, row } from "../components/layout.ts"
import type { Cell, Layout } from "../components/layout.ts"
import type { Following } from "../state/following.ts"
import type { WatchedRow } from "../state/rows.ts"
import { age, stateCell } from "./orders.ts"

export const watchlistLayout = (width: number): Layout =>
  layout(
    [
      { title: "Customer", least: 12, most: 40 },
      { title: "State", least: 21, most: 24 },
      { title: "Units", least: 7, isRight: true },
      { title: "Since", least: 9, isRight: true },
      // Whole, where that leaves enough for the names.
      { title: "Order", least: width < 100 ? 17 : 36, most: 36 },
      { title: "Next look", least: 12, isOptional: true },
      { title: "", least: 12, isOptional: true }
    ],
    width
  )

const stateOf = ({ error, latest }: Following, theme: Theme): Cell => {
  if (error !== undefined) return { text: `✖ ${title(error.reason)}`, style: theme.bad }
  return latest === undefined
    ? { text: "… looking", style: theme.dim }
    : stateCell(Result.succeed(latest), theme)
}

export const watchedLine = (
  { following, target }: WatchedRow,
  made: Layout,
  {
    isFlashing,
    isPaused,
    now,
    theme
  }: {
    readonly theme: Theme
    readonly now: number
    readonly isFlashing: boolean
    readonly isPaused: boolean
  }
): string => {
  const { latest, next } = following
  const since = latest?.history.changes.at(-1)?.at.epochMilliseconds
  const counted = latest?.report.units
  const state = stateOf(following, theme)
  return row(made, [
    { text: plain(target.customer.name ?? target.customer.id) },
    state,
    { text: counted === undefined ? "" : `${counted.fulfilled}/${counted.total}` },
    isFlashing
      ? { text: "● changed", style: theme.accent }
      : { text: since === undefined ? "" : age(since, now) },
    { text: target.orderId },
    {
      text: isPaused
        ? "paused"
        : next === undefined || latest?.report.settled === true
          ? ""
          : `in ${age(now, next.at.epochMilliseconds)}`,
      style: theme.dim
    },
    { text: counted === undefined ? "" : bar(counted, 12), style: state.style }
  ])
}

// A customer's orders, a line each: where each stands, as far as somebody has looked.
import { title } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { isNotFound } from "@orderwatch/core/PartnerCenterError"
import { plain } from "@orderwatch/core/text"
import type { Look } from "@orderwatch/core/Tracker"
import { Result } from "effect"
import { contents, placedAt } from "../../render/order.ts"
import { ago } from "../../render/text.ts"
import { shown } from "../../theme.ts"
import type { Theme } from "../../theme.ts"
import { bar } from "../components/bar.ts"
import { layout, row } from "../components/layout.ts"
import type { Cell, Layout } from "../components/layout.ts"
import type { OrderRow } from "../state/rows.ts"

export const ordersLayout = (width: number): Layout =>
  layout(
    [
      { title: "Order", least: 36 },
      { title: "State", least: 21, most: 24 },
      { title: "Units", least: 7, isRight: true, isOptional: true },
      { title: "Placed", least: 7, isRight: true },
      { title: "Contents", least: 14, most: 70, isOptional: true },
      { title: "", least: 12, isOptional: true },
      { title: "Order status", least: 12, isOptional: true }
    ],
    width
  )

type Seen = Result.Result<Look, PartnerCenterError> | undefined

/** An age that another look after a minute changes, and no sooner. */
export const age = (from: number, now: number): string =>
  Number.isFinite(from) ? (now - from < 60_000 ? "<1 min" : ago(from, now)) : "—"

/** The state as it was last seen. */
export const stateCell = (seen: Seen, theme: Theme): Cell => {
  if (seen === undefined) return { text: "·", style: theme.dim }
  if (Result.isFailure(seen)) {
    const { reason } = seen.failure
    return isNotFound(reason)
      ? { text: "… not visible yet", style: theme.wait }
      : { text: `✖ ${title(reason)}`, style: theme.bad }
  }
  const { glyph, style, word } = shown(seen.success.report.verdict)
  return { text: `${glyph} ${word}`, style: theme[style] }
}

export const orderLine = (
  { order, target }: OrderRow,
  seen: Seen,
  made: Layout,
  { now, theme }: { readonly theme: Theme; readonly now: number }
): string => {
  const counted =
    seen !== undefined && Result.isSuccess(seen) ? seen.success.report.units : undefined
  const state =
    target === undefined ? { text: "? no id", style: theme.unsure } : stateCell(seen, theme)
  return row(made, [
    { text: plain(order.id) },
    state,
    { text: counted === undefined ? "" : `${counted.fulfilled}/${counted.total}` },
    { text: age(placedAt(order), now) },
    { text: contents(order) },
    { text: counted === undefined ? "" : bar(counted, 12), style: state.style },
    { text: plain(order.status ?? "—"), style: theme.dim }
  ])
}

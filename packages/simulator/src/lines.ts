// Shorthand for the rows of the demo: what was ordered, and how its provisioning goes.
import { becoming, type Course } from "./course.ts"
import type { Line, Provisioned } from "./orders.ts"

/** Everything in one word. */
export const all = (quantity: number, status: string): Provisioned => ({
  status,
  quantities: [[quantity, status]]
})

export const split = (
  status: string,
  ...quantities: ReadonlyArray<readonly [number, string]>
): Provisioned => ({ status, quantities })

/** All units in one word for good, or one word after another. */
export const units = (
  quantity: number,
  first: string,
  ...then: ReadonlyArray<readonly [ms: number, status: string]>
): Course<Provisioned> =>
  becoming(
    all(quantity, first),
    ...then.map(([ms, status]) => [ms, all(quantity, status)] as const)
  )

interface Row {
  readonly number?: number
  readonly name: string
  readonly quantity: number
  readonly transactionType?: string
  readonly more?: NonNullable<Line["more"]>
  readonly provisioning?: Course<Provisioned>
}

/** A reservation or software line: product, SKU and availability in the offer id. */
export const reservation = ({ number = 0, ...row }: Row): Line => ({
  number,
  offerId: `DZH318Z0BQ4Z:00${String(number % 100).padStart(2, "0")}:DZH318Z0CMNP`,
  term: "P1Y",
  ...row
})

/** A line of the new commerce experience. */
export const licence = ({ number = 0, ...row }: Row): Line => ({
  number,
  offerId: `CFQ7TTC0LH16:00${String(number % 100).padStart(2, "0")}:CFQ7TTC0K971`,
  term: "P1M",
  transactionType: "New",
  ...row
})

/** A line of an older licence order, answered by its subscription only. */
export const seats = (
  row: Row & { readonly subscriptionId: string; readonly linked: string; readonly skuId: string }
): Line => ({
  number: row.number ?? 0,
  name: row.name,
  quantity: row.quantity,
  offerId: "031C9E47-4802-4248-838E-778FB1D2CC05",
  term: "",
  subscription: { id: row.subscriptionId, linked: row.linked, skuId: row.skuId },
  ...(row.more === undefined ? {} : { more: row.more }),
  ...(row.provisioning === undefined ? {} : { provisioning: row.provisioning })
})

export const seconds = (count: number) => count * 1000
export const minutes = (count: number) => count * 60_000
export const hours = (count: number) => count * 3_600_000
export const days = (count: number) => count * 86_400_000

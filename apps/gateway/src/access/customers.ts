// Whom a caller may ask about, from a list as a key or a token has it.
import { CustomerId } from "@orderwatch/core/Customer"
import { Schema } from "effect"

/** Everybody, or these: lower-case GUIDs. */
export type Customers = "all" | ReadonlySet<string>

/** What stands for everybody; it must be written. */
export const everybody = "*"

const isCustomerId = Schema.is(CustomerId)

/** Whether it is `*` or a customer's id. */
export const isEntry = (text: string): boolean => text === everybody || isCustomerId(text)

/** What is neither `*` nor an id allows nothing, and neither does an empty list. */
export const fromList = (list: ReadonlyArray<string>): Customers =>
  list.includes(everybody)
    ? "all"
    : new Set(list.filter((text) => isCustomerId(text)).map((id) => id.toLowerCase()))

/** Whether the two allow the same. */
export const isSame = (a: Customers, b: Customers): boolean =>
  a === "all" || b === "all" ? a === b : a.size === b.size && a.isSubsetOf(b)

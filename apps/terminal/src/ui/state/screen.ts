// Where one is: a stack of screens, each with its own place in its list. Pure.
import type { CustomerId } from "@orderwatch/core/Customer"
import type { OrderId } from "@orderwatch/core/Order"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import type { Room } from "../keys.ts"

/** A customer as far as one needs it to ask for its orders. */
export interface Whom {
  readonly id: CustomerId
  readonly name?: string | undefined
  readonly domain?: string | undefined
}

/** An order, and whose it is. */
export interface Target {
  readonly customer: Whom
  readonly orderId: OrderId
}

/** The place in a list: of a text, `at` is its first line that is shown. */
export interface Place {
  readonly at: number
  /** What stands there, so that it stays selected when the list changes. */
  readonly key: string | undefined
  readonly top: number
  readonly filter: string
  readonly isFaultsOnly: boolean
}

export const begin: Place = {
  at: 0,
  key: undefined,
  top: 0,
  filter: "",
  isFaultsOnly: false
}

export type Way = "deviceCode" | "browser"

type Kinds =
  | { readonly _tag: "Welcome"; readonly said: string | undefined }
  | { readonly _tag: "SignIn"; readonly way: Way; readonly turn: number }
  | { readonly _tag: "Customers" }
  | { readonly _tag: "Orders"; readonly customer: Whom }
  | { readonly _tag: "Order"; readonly target: Target; readonly isRaw: boolean }
  | { readonly _tag: "Watchlist" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Problem"; readonly error: PartnerCenterError; readonly what: string }

export type Screen = Kinds & { readonly place: Place }
export type ScreenOf<Tag extends Screen["_tag"]> = Extract<Screen, { readonly _tag: Tag }>

/** The screen at its beginning. */
export const screen = <K extends Kinds>(kind: K): K & { readonly place: Place } => ({
  ...kind,
  place: begin
})

/** The screens that one came through; the last is shown. There is always one. */
export type Stack = readonly [Screen, ...ReadonlyArray<Screen>]

export const topOf = (stack: Stack): Screen => stack.at(-1) ?? stack[0]

const most = 50

const isSamePlace = (self: Screen, that: Screen): boolean => {
  const { place: _, ...here } = self
  const { place: __, ...there } = that
  return JSON.stringify(here) === JSON.stringify(there)
}

/** One screen further; a screen that is there already is gone back to. */
export const push = (stack: Stack, next: Screen): Stack => {
  const [first, ...others] = stack
  const known = stack.findIndex((one) => isSamePlace(one, next))
  if (known >= 0) return [first, ...others.slice(0, known)]
  return [first, ...others.slice(-most), next]
}

export const pop = (stack: Stack): Stack => {
  const [first, ...others] = stack
  return [first, ...others.slice(0, -1)]
}

/** Back to what somebody was at when they had to sign in again. */
export const popSignIn = (stack: Stack): Stack => {
  const { _tag } = topOf(stack)
  const isInBetween = _tag === "SignIn" || _tag === "Problem"
  return isInBetween && stack.length > 1 ? popSignIn(pop(stack)) : stack
}

/** The screen that is shown, changed. */
export const change = (stack: Stack, f: (screen: Screen) => Screen): Stack => {
  const [first, ...others] = stack
  const last = others.at(-1)
  return last === undefined ? [f(first)] : [first, ...others.slice(0, -1), f(last)]
}

const roomsOf = {
  Welcome: ["welcome", "texts", "everywhere"],
  SignIn: ["signIn", "texts", "everywhere"],
  Customers: ["customers", "lists", "everywhere"],
  Orders: ["orders", "lists", "everywhere"],
  Order: ["order", "texts", "everywhere"],
  Watchlist: ["watchlist", "lists", "everywhere"],
  Help: ["texts", "everywhere"],
  Problem: ["problem", "texts", "everywhere"]
} satisfies Record<Screen["_tag"], ReadonlyArray<Room>>

/** Whose keys count, the first before the others. */
export const rooms = ({ _tag }: Pick<Screen, "_tag">): ReadonlyArray<Room> => roomsOf[_tag]

/** Whether one line of it is selected; a text only scrolls. */
export const isList = ({ _tag }: Pick<Screen, "_tag">): boolean =>
  _tag === "Customers" || _tag === "Orders" || _tag === "Watchlist"

// Reads an order's line from a script, and the steps that orders and lines take.
import { always, type Course } from "./course.ts"
import { isGuid } from "./guid.ts"
import { all } from "./lines.ts"
import type { Line, Provisioned } from "./orders.ts"
import type { Reader } from "./reader.ts"

const mostUnits = 1_000_000

/** What must be there, and not be empty. */
export const need = (owner: Reader, name: string): string => {
  const text = owner.text(name)
  if (text === undefined) throw owner.invalid(name, "is missing")
  if (text === "") throw owner.invalid(name, "must not be empty")
  return text
}

/** `status`, one word for good, or `steps`; undefined where there is neither. */
export const readCourse = <A>(
  owner: Reader,
  meaning: (status: string, step?: Reader) => A
): Course<A> | undefined => {
  const status = owner.text("status")
  const steps = owner.list("steps")
  if (status !== undefined && steps !== undefined)
    throw owner.invalid("steps", "cannot be there beside status: one word for good, or steps")
  if (steps === undefined)
    return status === undefined ? undefined : always(meaning(need(owner, "status")))
  let last = -1
  return steps.map((step) => {
    const from = step.duration("at") ?? 0
    if (from <= last)
      throw step.invalid("at", `must be after the step before it, at ${last / 1000}s`)
    last = from
    const is = meaning(need(step, "status"), step)
    step.end()
    return { from, is }
  })
}

const readQuantities = (step: Reader): Provisioned["quantities"] | undefined =>
  step.list("quantities")?.map((each) => {
    const quantity = each.integer("quantity", 0, mostUnits)
    if (quantity === undefined) throw each.invalid("quantity", "is missing")
    const status = need(each, "status")
    each.end()
    return [quantity, status]
  })

const legacyOffer = "031C9E47-4802-4248-838E-778FB1D2CC05"
const legacySku = "6FD2C87F-B296-42F0-B197-1E91E994B900"

export const readLine = (line: Reader, position: number): Line => {
  const subscription = line.text("subscription")
  if (subscription !== undefined && !isGuid(subscription))
    throw line.invalid("subscription", "must be a GUID")
  const quantity = line.integer("quantity", 0, mostUnits) ?? 1
  const transactionType = line.text("transactionType")
  const provisioning = readCourse(line, (status, step) => {
    const quantities = step === undefined ? undefined : readQuantities(step)
    if (subscription !== undefined && quantities !== undefined && step !== undefined)
      throw step.invalid("quantities", "cannot be there: a subscription answers with a word alone")
    return quantities === undefined ? all(quantity, status) : { status, quantities }
  })
  const read: Line = {
    number: line.integer("number", 0, mostUnits) ?? position,
    name: need(line, "name"),
    quantity,
    offerId:
      line.text("offer") ??
      (subscription === undefined ? "DZH318Z0BQ4Z:0001:DZH318Z0CMNP" : legacyOffer),
    term: line.text("term") ?? (subscription === undefined ? "P1Y" : ""),
    ...(transactionType === undefined ? {} : { transactionType }),
    ...(subscription === undefined
      ? {}
      : { subscription: { id: subscription, linked: subscription, skuId: legacySku } }),
    ...(provisioning === undefined ? {} : { provisioning })
  }
  line.end()
  return read
}

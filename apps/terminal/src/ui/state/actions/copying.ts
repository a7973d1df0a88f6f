// Copying what one needs elsewhere: an id, a code, or all that support asks for.
import { DateTime, Result } from "effect"
import { supportBundle } from "../../views/problem.ts"
import type { Here, Parts } from "./here.ts"

export const makeCopying = (
  { asks, machine, registry, signIns }: Parts,
  { say, selected, targetHere, top, trouble }: Here
) => {
  const copied = (text: string, what: string) =>
    say(machine.copy(text) ? `copied ${what}` : `${what} could not be copied`)

  const copy = () => {
    const here = top()
    if (here._tag === "Problem") return copied(supportBundle(here.error, here.what), "all of it")
    if (here._tag === "SignIn") {
      const step = registry.get(signIns.step(here))
      if (step._tag === "Code") return copied(step.code.userCode, "the code")
      if (step._tag === "Address") return copied(step.url, "the address")
      return say("there is nothing to copy")
    }
    const failed = trouble()
    const row = selected()
    if (row?._tag === "Customer" && row.whom !== undefined) return copied(row.whom.id, row.whom.id)
    const target = targetHere()
    if (target !== undefined) return copied(target.orderId, target.orderId)
    if (failed !== undefined) copied(supportBundle(failed.error, failed.what), "what went wrong")
  }

  const support = () => {
    const target = targetHere()
    if (target === undefined) return
    const failed = trouble()
    if (failed !== undefined)
      return copied(supportBundle(failed.error, failed.what), "what went wrong")
    const seen = registry.get(asks.seen(target))
    if (seen === undefined || Result.isFailure(seen)) return say("nothing has been seen yet")
    const { customerId, observedAt, orderId, support: ids } = seen.success.report
    copied(
      JSON.stringify(
        { customerId, orderId, observedAt: DateTime.formatIso(observedAt), ...ids },
        null,
        2
      ),
      "the support ids"
    )
  }

  return { copy, support }
}

// What is told of every request: its line in the log, its place in the metrics, and whether the credential
// is to be looked at.
import { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { Effect, Layer } from "effect"
import * as AccessLog from "./accessLog.ts"
import { Observer } from "./handler.ts"
import { concerns, Health } from "./health.ts"
import { answered } from "./metrics.ts"

export const layer: Layer.Layer<never, never, Health> = Layer.effect(
  Observer,
  Effect.gen(function* () {
    const log = yield* AccessLog.make()
    const health = yield* Health
    const context = yield* Effect.context<never>()
    return (served) => {
      log(served)
      answered(served, context)
      const { failure } = served
      return failure instanceof PartnerCenterError && concerns(failure.reason._tag)
        ? health.changed
        : Effect.void
    }
  })
)

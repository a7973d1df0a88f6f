import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Tracker } from "../src/Tracker.ts"
import * as f from "./fixtures.ts"
import { asked, run, stack, timed } from "./layers.ts"
it.effect("one", () => Effect.gen(function* () {
  const tracker = yield* Tracker
  const r = yield* run(tracker.report(f.customer, f.order))
  assert.strictEqual(r.verdict, "fulfilled")
}).pipe(Effect.provide(stack({ [f.paths.order]: [{ body: f.reservation }], [f.paths.status]: [{ body: f.marked(f.fulfilled) }] }))))
it.effect("two", () => Effect.gen(function* () {
  const tracker = yield* Tracker
  const r = yield* timed(tracker.report(f.customer, f.order))
  console.log(JSON.stringify(r), (yield* asked(f.paths.order)).length)
}).pipe(Effect.provide(stack({ [f.paths.order]: ["reset","silence","cut", {status: 503}, "silence"], [f.paths.status]: [{ body: f.marked(f.fulfilled) }] }))))

import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Path } from "effect"
import * as Faults from "./faults.ts"
import { at, kept, place, refreshToken, save } from "./fixtures.ts"

const beside = (path: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    return (yield* files.readDirectory(paths.dirname(path))).toSorted()
  }).pipe(Effect.provide(NodeServices.layer))

describe("a change of the vault", () => {
  it.effect("goes through its steps in that order", () =>
    Effect.gen(function* () {
      const path = yield* place
      const taken: Array<Faults.Step> = []
      const files = Faults.layer((step) => Effect.sync(() => void taken.push(step)))
      yield* at(path, { files })(save(refreshToken("r1")))
      assert.deepStrictEqual(taken, [...Faults.steps])
    })
  )

  it.effect.each(Faults.steps)(
    "that fails when it was %s leaves the old or the new credential, and nothing beside it",
    (step) =>
      Effect.gen(function* () {
        const path = yield* place
        yield* at(path)(save(refreshToken("r0")))
        const files = Faults.layer((at) => (at === step ? Effect.fail(Faults.full) : Effect.void))
        const saved = yield* Effect.result(at(path, { files })(save(refreshToken("r1"))))
        const isNew = Faults.steps.indexOf(step) >= Faults.steps.indexOf("renamed")
        assert.strictEqual(yield* at(path)(kept()), isNew ? "r1" : "r0")
        if (step !== "renamed" && isNew) assert.strictEqual(saved._tag, "Success")
        if (saved._tag === "Failure") {
          assert.include(saved.failure.message, "cannot be written (ENOSPC)")
          assert.include(saved.failure.message, path)
        }
        assert.deepStrictEqual(yield* beside(path), ["credentials", "credentials.lock"])
        yield* at(path)(save(refreshToken("r2")))
        assert.strictEqual(yield* at(path)(kept()), "r2")
      })
  )

  it.effect("is finished, also when it is interrupted in the middle", () =>
    Effect.gen(function* () {
      const path = yield* place
      const files = Faults.layer((step) =>
        step === "half" ? Effect.sync(() => saving.interruptUnsafe()) : Effect.void
      )
      const saving = yield* Effect.forkChild(at(path, { files })(save(refreshToken("r1"))))
      yield* Fiber.await(saving)
      assert.strictEqual(yield* at(path)(kept()), "r1")
    })
  )
})

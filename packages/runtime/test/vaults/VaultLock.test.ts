import { DatabaseSync } from "node:sqlite"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, FileSystem, Option, Path } from "effect"
import { TestClock } from "effect/testing"
import { hold } from "../../src/vaults/lock.ts"
import { start } from "../processes.ts"
import { at, kept, owner, place, refreshToken, save } from "./fixtures.ts"

/** A path for a lock, in a directory that is there. */
const lockPath = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const path = `${yield* place}.lock`
  yield* files.makeDirectory(paths.dirname(path), { recursive: true, mode: 0o700 })
  return path
}).pipe(Effect.provide(NodeServices.layer))

/** Somebody else who has it, until the test ends or lets go. */
const other = (path: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const file = new DatabaseSync(path)
      file.exec("BEGIN IMMEDIATE")
      return file
    }),
    (file) => Effect.sync(() => file.isOpen && file.close())
  )

describe("the vault's lock", () => {
  it.effect("is had by one, and then by the next, as soon as it is let go", () =>
    Effect.gen(function* () {
      const path = yield* lockPath
      const before = yield* other(path)
      const next = yield* Effect.forkChild(Effect.scoped(hold(path)))
      yield* TestClock.adjust("30 seconds")
      assert.isUndefined(next.pollUnsafe())
      before.close()
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(next)
    })
  )

  it.effect("who waits for it can be interrupted, and leaves nothing behind", () =>
    Effect.gen(function* () {
      const path = yield* lockPath
      const before = yield* other(path)
      const next = yield* Effect.forkChild(Effect.scoped(hold(path)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(next)
      before.close()
      yield* Effect.scoped(hold(path))
    })
  )

  it.effect("an owner that hangs is waited for longer than a sign-in takes, then named", () =>
    Effect.gen(function* () {
      const path = yield* lockPath
      yield* other(path)
      const next = yield* Effect.forkChild(Effect.flip(Effect.scoped(hold(path))))
      yield* TestClock.adjust("65 seconds")
      assert.isUndefined(next.pollUnsafe())
      yield* TestClock.adjust("10 seconds")
      const { message } = yield* Fiber.join(next)
      assert.include(message, "another process has held the credential vault")
      assert.include(message, path)
    })
  )

  it.effect("whoever only reads does not wait for it", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* at(path)(save(refreshToken("r0")))
      yield* other(`${path}.lock`)
      assert.strictEqual(yield* at(path)(kept()), "r0")
    })
  )

  it.effect("where it cannot be had, what is kept can be used and only saving fails", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* at(path)(save(refreshToken("r0")))
      const files = yield* Effect.provide(FileSystem.FileSystem, NodeServices.layer)
      yield* files.remove(`${path}.lock`)
      yield* files.makeDirectory(`${path}.lock`)
      const used = yield* at(path)((vault) => vault.modify(owner, Effect.succeed))
      assert.isTrue(Option.isSome(used))
      const { message } = yield* Effect.flip(at(path)(save(refreshToken("r1"))))
      assert.include(message, `${path}.lock cannot be locked`)
      assert.strictEqual(yield* at(path)(kept()), "r0")
    })
  )

  it.effect("is let go when what held it fails or is interrupted", () =>
    Effect.gen(function* () {
      const path = yield* place
      const failed = at(path)((vault) => vault.modify(owner, () => Effect.fail("no")))
      assert.strictEqual(yield* Effect.flip(failed), "no")
      const forever = at(path)((vault) => vault.modify(owner, () => Effect.never))
      yield* Effect.flip(
        Effect.timeoutOrElse(forever, { duration: 0, orElse: () => Effect.fail("late") })
      )
      yield* at(path)(save(refreshToken("r1")))
    })
  )

  it.live("a process that is killed while it has it keeps nobody waiting", () =>
    Effect.gen(function* () {
      const path = yield* lockPath
      const owner = yield* start("hold.ts", { LOCK: path })
      yield* owner.says("held")
      const file = new DatabaseSync(path, { timeout: 0 })
      assert.throws(() => file.exec("BEGIN IMMEDIATE"), /locked/)
      file.close()
      owner.kill()
      assert.strictEqual((yield* owner.ended).signal, "SIGKILL")
      const [took] = yield* Effect.timed(Effect.scoped(hold(path)))
      assert.isBelow(Duration.toMillis(took), 1000)
    })
  )
})

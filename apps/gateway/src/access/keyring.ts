// The callers' keys while the gateway runs: what is changed in the file counts a second later.
import { timingSafeEqual } from "node:crypto"
import type { SettingsError } from "@orderwatch/runtime/SettingsError"
import { Clock, DateTime, Deferred, Effect, Exit, FileSystem, Option, Path, Result } from "effect"
import type { Scope } from "effect"
import { until } from "./caller.ts"
import type { Caller } from "./caller.ts"
import { fromList, isSame } from "./customers.ts"
import { parse, read, stateOf } from "./keyFile.ts"
import type { Key } from "./keyFile.ts"
import { digestOf, idOf, prefix } from "./keyText.ts"

export interface Keyring {
  /** The caller whose key this is, if it is one that counts now. */
  readonly find: (text: string) => Exit.Exit<Option.Option<Caller>>
}

interface Held {
  readonly key: Key
  readonly digest: Buffer
  readonly caller: Caller
  readonly changed: Deferred.Deferred<void>
}

const nobody = Buffer.alloc(32)

const hold = (key: Key): Held => {
  const changed = Deferred.makeUnsafe<void>()
  const told = Deferred.await(changed)
  const { expires } = key
  return {
    key,
    changed,
    digest: Buffer.from(key.sha256, "hex"),
    caller: {
      id: `${prefix}${key.id}`,
      customers: fromList(key.customers ?? []),
      ended:
        expires === undefined
          ? told
          : Effect.raceFirst(told, until(DateTime.toEpochMillis(expires)))
    }
  }
}

const millisOf = (time: DateTime.Utc | undefined) =>
  time === undefined ? undefined : DateTime.toEpochMillis(time)

// Whether what began under the one may go on under the other.
const isUnchanged = (before: Held, { caller, key }: Held): boolean =>
  before.key.sha256 === key.sha256 &&
  (before.key.revoked === undefined) === (key.revoked === undefined) &&
  millisOf(before.key.expires) === millisOf(key.expires) &&
  isSame(before.caller.customers, caller.customers)

type Ring = ReadonlyMap<string, Held>

const next = (before: Ring, keys: ReadonlyArray<Key>): Ring =>
  new Map(
    keys.map((key) => {
      const held = hold(key)
      const same = before.get(key.id)
      return [key.id, same !== undefined && isUnchanged(same, held) ? same : held]
    })
  )

/**
 * The keys in that file, which must be there and in order. From then on a file that is not is logged, and
 * the keys last read go on to count.
 */
export const make = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<Keyring, SettingsError, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const load = Effect.gen(function* () {
    const content = yield* read(path)
    return { content, keys: yield* Effect.fromResult(parse(path, content)) }
  })
  const clock = yield* Clock.Clock
  const first = yield* load
  let text = first.content
  let ring = next(new Map(), first.keys)
  if (ring.size === 0) yield* Effect.logWarning("the keys' file has no keys: nobody may ask yet")
  // What was last said to be wrong with the file.
  let problem: string | undefined

  const take = Effect.fnUntraced(function* (keys: ReadonlyArray<Key>) {
    const before = ring
    ring = next(before, keys)
    for (const [id, held] of before) {
      if (ring.get(id) !== held) yield* Deferred.succeed(held.changed, undefined)
    }
    yield* Effect.annotateLogs(Effect.logInfo("the keys were read again"), { keys: ring.size })
  })

  const look = Effect.gen(function* () {
    const found = yield* Effect.result(load)
    if (Result.isFailure(found)) {
      const { message } = found.failure
      if (message === problem) return
      problem = message
      return yield* Effect.logError(`${message} Meanwhile the keys that were read before count.`)
    }
    problem = undefined
    if (found.success.content === text) return
    text = found.success.content
    yield* take(found.success.keys)
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 second"), look)))

  return {
    find: (sent) => {
      const held = ring.get(idOf(sent) ?? "")
      // Compared with something in any case: how long it takes must not tell whether there is such an id.
      const isIt = timingSafeEqual(digestOf(sent), held?.digest ?? nobody)
      if (held === undefined || !isIt) return Exit.succeed(Option.none())
      const now = DateTime.makeUnsafe(clock.currentTimeMillisUnsafe())
      return Exit.succeed(
        stateOf(held.key, now) === "active" ? Option.some(held.caller) : Option.none()
      )
    }
  }
})

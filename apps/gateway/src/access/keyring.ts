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
  const clock = yield* Clock.Clock
  // The file as it was last read, and what is wrong with it: it is taken apart only when it has changed, for
  // of many keys that takes long, and holds up all who ask.
  let text = yield* read(path)
  let refused: SettingsError | undefined
  let ring = next(new Map(), yield* Effect.fromResult(parse(path, text)))
  if (ring.size === 0) yield* Effect.logWarning("the keys' file has no keys: nobody may ask yet")
  // What was last said to be wrong.
  let problem: string | undefined

  const complain = Effect.fnUntraced(function* ({ message }: SettingsError) {
    if (message === problem) return
    problem = message
    yield* Effect.logError(`${message} Meanwhile the keys that were read before count.`)
  })

  const take = Effect.fnUntraced(function* (keys: ReadonlyArray<Key>) {
    const before = ring
    ring = next(before, keys)
    for (const [id, held] of before) {
      if (ring.get(id) !== held) yield* Deferred.succeed(held.changed, undefined)
    }
    yield* Effect.annotateLogs(Effect.logInfo("the keys were read again"), { keys: ring.size })
  })

  const look = Effect.gen(function* () {
    const found = yield* Effect.result(read(path))
    if (Result.isFailure(found)) return yield* complain(found.failure)
    if (found.success !== text) {
      text = found.success
      const keys = parse(path, text)
      refused = Result.isFailure(keys) ? keys.failure : undefined
      if (Result.isSuccess(keys)) yield* take(keys.success)
    }
    if (refused !== undefined) return yield* complain(refused)
    problem = undefined
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

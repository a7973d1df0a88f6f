// Real processes, one vault, and a login whose every answer has a new refresh token.
import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { AccessToken } from "@orderwatch/core/AccessToken"
import { DateTime, Effect, Redacted } from "effect"
import { start } from "../processes.ts"
import { at, kept, place, save } from "./fixtures.ts"
import { steps } from "./faults.ts"
import * as Tokens from "./tokens.ts"

// A busy machine starts them slowly; each is bounded by itself.
const patient = 60_000

/**
 * A login that gives `tN` and `rN` for any refresh token it has given, as Microsoft's does, when `open`
 * has resolved.
 */
const login = (open: Promise<unknown>, onAsked: () => void = () => {}) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{
          readonly url: string
          readonly asked: ReadonlyArray<string>
          readonly refused: ReadonlyArray<string>
          readonly close: () => void
        }>((resolve) => {
          const given = new Set(["r0"])
          const asked: Array<string> = []
          const refused: Array<string> = []
          const server = createServer(async (request, response) => {
            let body = ""
            for await (const chunk of request) body += String(chunk)
            const token = new URLSearchParams(body).get("refresh_token") ?? ""
            asked.push(token)
            onAsked()
            await open
            if (!given.has(token)) {
              refused.push(token)
              response.writeHead(400, { "content-type": "application/json" })
              response.end(JSON.stringify({ error: "invalid_grant" }))
              return
            }
            const number = asked.length
            given.add(`r${number}`)
            response.writeHead(200, { "content-type": "application/json" })
            response.end(
              JSON.stringify({
                access_token: `t${number}`,
                refresh_token: `r${number}`,
                expires_in: 3600
              })
            )
          })
          server.listen(0, "127.0.0.1", () => {
            const address = server.address()
            const port = typeof address === "object" && address !== null ? address.port : 0
            resolve({
              url: `http://127.0.0.1:${port}`,
              asked,
              refused,
              close: () => {
                server.close()
                server.closeAllConnections()
              }
            })
          })
        })
    ),
    ({ close }) => Effect.sync(close)
  )

/** A vault whose access token ended a minute ago. */
const expired = Effect.fnUntraced(function* (loginUrl: string) {
  const path = yield* place
  const owner = { loginUrl, tenantId: Tokens.tenantId, clientId: Tokens.clientId }
  const now = yield* DateTime.now
  const entry = {
    refreshToken: Redacted.make("r0"),
    accessToken: Redacted.make("t0"),
    expiresAt: DateTime.subtract(now, { minutes: 1 })
  }
  yield* at(path)(save(entry, owner))
  return { path, owner }
})

const renewing = (path: string, loginUrl: string, dies?: string) =>
  start("renew.ts", { VAULT: path, LOGIN: loginUrl, ...(dies !== undefined && { DIES: dies }) })

describe("the file vault, shared", () => {
  it.live(
    "twenty processes that need one expired token at once ask for it once",
    () =>
      Effect.gen(function* () {
        const all = Promise.withResolvers<void>()
        const { asked, refused, url } = yield* login(all.promise)
        const { owner, path } = yield* expired(url)
        const processes = yield* Effect.forEach(
          Array.from({ length: 20 }, () => renewing(path, url)),
          (process) => process,
          { concurrency: "unbounded" }
        )
        yield* Effect.forEach(processes, (process) => process.says("ready"), {
          concurrency: "unbounded"
        })
        for (const process of processes) process.tell("go")
        all.resolve()
        const ended = yield* Effect.forEach(processes, ({ ended }) => ended, {
          concurrency: "unbounded"
        })
        for (const { code, stderr, stdout } of ended) {
          assert.deepStrictEqual([code, stdout, stderr], [0, "ready\nt1\n", ""])
        }
        assert.deepStrictEqual([asked, refused], [["r0"], []])
        assert.strictEqual(yield* at(path)(kept(owner)), "r1")
      }),
    patient
  )

  /** Killed there; then another signs in with what is left. */
  const killed = Effect.fnUntraced(function* (
    dies: string | undefined,
    kills: "while it asks" | undefined
  ) {
    const isAsked = Promise.withResolvers<void>()
    const open = Promise.withResolvers<void>()
    const { asked, refused, url } = yield* login(open.promise, isAsked.resolve)
    if (kills === undefined) open.resolve()
    const { owner, path } = yield* expired(url)
    const first = yield* renewing(path, url, dies)
    yield* first.says("ready")
    first.tell("go")
    if (kills !== undefined) {
      yield* Effect.promise(() => isAsked.promise)
      first.kill()
    }
    const { signal, stdout } = yield* first.ended
    assert.deepStrictEqual([signal, stdout], ["SIGKILL", "ready\n"])
    open.resolve()
    const left = yield* at(path)(kept(owner))

    const { value } = yield* Effect.flatMap(AccessToken, ({ get }) => get).pipe(
      Effect.provide(Tokens.layer({ path, loginUrl: url }))
    )
    assert.deepStrictEqual(refused, [], "what is left is good")
    return { asked, left, token: Redacted.value(value), now: yield* at(path)(kept(owner)) }
  })

  it.live(
    "killed before it has the answer, it leaves the old token, which is good",
    () =>
      Effect.gen(function* () {
        const { asked, left, now } = yield* killed(undefined, "while it asks")
        assert.deepStrictEqual([left, now, asked.length], ["r0", "r2", 2])
      }),
    patient
  )

  it.live(
    "killed when it has the lock and is about to ask, it keeps nobody from asking",
    () =>
      Effect.gen(function* () {
        const { asked, left, now } = yield* killed("about to ask", undefined)
        assert.deepStrictEqual([left, now, asked], ["r0", "r1", ["r0"]])
      }),
    patient
  )

  it.live.each(steps)(
    "killed when the file was %s, it leaves the old token or the new one, and both are good",
    (step) =>
      Effect.gen(function* () {
        const { asked, left, now, token } = yield* killed(step, undefined)
        const isNew = steps.indexOf(step) >= steps.indexOf("renamed")
        assert.strictEqual(left, isNew ? "r1" : "r0")
        // The new one came with an access token, so nobody need ask again.
        assert.deepStrictEqual([now, asked.length], isNew ? ["r1", 1] : ["r2", 2])
        assert.strictEqual(token, isNew ? "t1" : "t2")
      }),
    patient
  )
})

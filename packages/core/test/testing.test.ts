import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { TestClock } from "effect/testing"
import * as testing from "../src/testing.ts"

const ask = (path: string) =>
  Effect.gen(function* () {
    const response = yield* HttpClient.get(`https://host.example${path}`)
    return { status: response.status, headers: response.headers, body: yield* response.text }
  })

describe("the scripted HttpClient", () => {
  it.effect("answers each path by its list, whose last entry stays", () =>
    Effect.gen(function* () {
      const bodies = yield* Effect.forEach(["/a", "/a", "/b", "/a"], (path) =>
        Effect.map(ask(path), ({ body }) => body)
      )
      assert.deepStrictEqual(bodies, ["one", '{"two":2}', "b", '{"two":2}'])
    }).pipe(
      Effect.provide(
        testing.layer(
          testing.script({ "/a": [{ body: "one" }, { body: { two: 2 } }], "/b": [{ body: "b" }] })
        )
      )
    )
  )

  it.effect("a path that is not listed is a 404", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* ask("/c")).status, 404)
    }).pipe(Effect.provide(testing.layer(testing.script({}))))
  )

  it.effect("gives status, headers and an empty body as they are scripted", () =>
    Effect.gen(function* () {
      const answer = yield* ask("/a")
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.headers["retry-after"], "7")
      assert.strictEqual(answer.body, "")
    }).pipe(Effect.provide(testing.layer(() => ({ status: 503, headers: { "Retry-After": "7" } }))))
  )

  it.effect("records what it was asked, form fields and query included", () =>
    Effect.gen(function* () {
      const request = HttpClientRequest.post("https://host.example/token").pipe(
        HttpClientRequest.setUrlParams({ page: "2" }),
        HttpClientRequest.setHeader("X-Test", "yes"),
        HttpClientRequest.bodyUrlParams({ grant_type: "refresh_token", refresh_token: "a b+c" })
      )
      yield* HttpClient.execute(request)
      const [recorded] = yield* (yield* testing.Requests).all
      assert.deepStrictEqual(
        [recorded?.method, recorded?.path, recorded?.query, recorded?.headers["x-test"]],
        ["POST", "/token", { page: "2" }, "yes"]
      )
      assert.deepStrictEqual(recorded?.form, {
        grant_type: "refresh_token",
        refresh_token: "a b+c"
      })
    }).pipe(Effect.provide(testing.layer(() => ({}))))
  )

  it.effect("a reset has no response, a cut has headers and no body", () =>
    Effect.gen(function* () {
      assert.isTrue(
        Exit.isFailure(yield* Effect.exit(HttpClient.get("https://host.example/reset")))
      )
      const response = yield* HttpClient.get("https://host.example/cut")
      assert.strictEqual(response.status, 200)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(response.text)))
    }).pipe(Effect.provide(testing.layer(testing.script({ "/reset": ["reset"], "/cut": ["cut"] }))))
  )

  it.effect("silence lasts until the caller has enough; an answer can take its time", () =>
    Effect.gen(function* () {
      const silent = yield* Effect.forkChild(ask("/silence"))
      const late = yield* Effect.forkChild(ask("/late"))
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(silent.pollUnsafe())
      assert.strictEqual((yield* Fiber.join(late)).body, "late")
    }).pipe(
      Effect.provide(
        testing.layer(({ path }) =>
          path === "/silence"
            ? "silence"
            : Effect.delay(Effect.succeed({ body: "late" }), "30 minutes")
        )
      )
    )
  )
})

import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { Effect, Result } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Http from "../src/Http.ts"
import * as HttpPool from "../src/HttpPool.ts"
import { proxy, web } from "./sockets.ts"

const variables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"]

beforeEach(() => {
  for (const name of variables) {
    vi.stubEnv(name, undefined)
    vi.stubEnv(name.toLowerCase(), undefined)
  }
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const ok = web((_, response) => response.end("from the server"))

describe.each([
  ["Http", Http.layer],
  ["HttpPool", HttpPool.layer]
] as const)("%s", (_, layer) => {
  /** What comes back from an address through the client of the environment as it is now. */
  const get = (url: string) =>
    HttpClient.get(url).pipe(
      Effect.flatMap((response) => response.text),
      Effect.result,
      Effect.provide(layer)
    )

  it.live("asks directly where no proxy is named", () =>
    Effect.gen(function* () {
      const server = yield* ok
      assert.deepStrictEqual(yield* get(`${server.url}/path`), Result.succeed("from the server"))
      assert.deepStrictEqual(server.asked, ["GET /path"])
    })
  )

  it.live.each(["HTTPS_PROXY", "https_proxy"])("asks for a tunnel of the %s", (name) =>
    Effect.gen(function* () {
      const between = yield* proxy
      vi.stubEnv(name, between.url)
      const answer = yield* get("https://partner-center.example/v1/customers")
      assert.isTrue(Result.isFailure(answer))
      assert.deepStrictEqual(between.asked, ["CONNECT partner-center.example:443"])
    })
  )

  it.live("signs in at the proxy by the user and password in its address", () =>
    Effect.gen(function* () {
      const between = yield* proxy
      vi.stubEnv("HTTPS_PROXY", between.url.replace("//", "//user:pass@"))
      yield* get("https://partner-center.example/")
      assert.deepStrictEqual(between.authorizations, [`Basic ${btoa("user:pass")}`])
    })
  )

  it.live("asks https of no proxy that is for http only", () =>
    Effect.gen(function* () {
      const between = yield* proxy
      vi.stubEnv("HTTP_PROXY", between.url)
      assert.isTrue(Result.isFailure(yield* get("https://127.0.0.1:9/")))
      assert.deepStrictEqual(between.asked, [])
    })
  )

  it.live("an empty variable counts as unset", () =>
    Effect.gen(function* () {
      const between = yield* proxy
      vi.stubEnv("https_proxy", "")
      vi.stubEnv("HTTPS_PROXY", between.url)
      vi.stubEnv("no_proxy", "")
      vi.stubEnv("NO_PROXY", "excepted.example")
      yield* get("https://partner-center.example/")
      assert.deepStrictEqual(between.asked, ["CONNECT partner-center.example:443"])
    })
  )

  it.live("what NO_PROXY names is asked directly", () =>
    Effect.gen(function* () {
      const between = yield* proxy
      vi.stubEnv("HTTPS_PROXY", between.url)
      vi.stubEnv("NO_PROXY", "other.example,.invalid")
      assert.isTrue(Result.isFailure(yield* get("https://partner-center.invalid/")))
      yield* get("https://partner-center.example/")
      assert.deepStrictEqual(between.asked, ["CONNECT partner-center.example:443"])
    })
  )

  it.live.each([undefined, "", "other.example", "*.example"])(
    "what goes to loopback is never shown to a proxy, with NO_PROXY %j",
    (excepted) =>
      Effect.gen(function* () {
        const between = yield* proxy
        const server = yield* ok
        for (const name of ["HTTP_PROXY", "HTTPS_PROXY"]) vi.stubEnv(name, between.url)
        vi.stubEnv("NO_PROXY", excepted)
        for (const host of ["127.0.0.1", "localhost", "LOCALHOST"]) {
          assert.deepStrictEqual(
            yield* get(`http://${host}:${server.port}/`),
            Result.succeed("from the server")
          )
        }
        // Nobody listens there, and nobody else may be asked.
        for (const url of ["http://127.0.0.2:9", "http://127.255.255.254:9", "http://[::1]:9"]) {
          assert.isTrue(Result.isFailure(yield* get(url)), url)
          assert.isTrue(Result.isFailure(yield* get(url.replace("http:", "https:"))), url)
        }
        assert.deepStrictEqual(between.asked, [])
      })
  )

  it.effect.each([
    ["HTTPS_PROXY", "proxy:3128"],
    ["https_proxy", "http://"],
    ["HTTP_PROXY", "socks5://user:s3cret@proxy:1080"],
    ["http_proxy", "not an address"]
  ] as const)("a malformed %s is refused in one line that does not repeat it", ([name, value]) =>
    Effect.gen(function* () {
      vi.stubEnv(name, value)
      const error = yield* Effect.flip(Effect.scoped(Effect.provide(HttpClient.HttpClient, layer)))
      assert.strictEqual(error.setting, name)
      assert.strictEqual(
        error.message,
        `${name} in the environment is malformed: set it to an address such as http://proxy:3128.`
      )
    })
  )
})

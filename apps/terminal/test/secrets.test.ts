// No secret is ever printed, whoever sends it back: by processes, with every log line there is.
import { createServer } from "node:http"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { machine, samples } from "./harness.ts"
import type { Environment } from "./harness.ts"

const { run } = machine()

// A login and an API that repeat what they were sent, in the words of their errors.
const echo = createServer((request, response) => {
  let form = ""
  request.on("data", (text) => (form += String(text)))
  request.on("end", () => {
    const said = `refused: ${request.headers.authorization ?? ""} ${form} ${decodeURIComponent(form.replaceAll("+", " "))}`
    const isLogin = request.method === "POST"
    response.writeHead(isLogin ? 400 : 403, { "content-type": "application/json", "ms-cv": "1" })
    response.end(
      JSON.stringify(
        isLogin
          ? {
              error: "invalid_grant",
              error_description: `AADSTS70000: ${said}`,
              error_codes: [70000]
            }
          : { code: 900150, description: said }
      )
    )
  })
})
let url = ""

beforeAll(
  () =>
    new Promise<void>((resolve) => {
      echo.listen(0, "127.0.0.1", () => {
        const address = echo.address()
        url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
        resolve()
      })
    })
)
afterAll(() => {
  echo.closeAllConnections()
  echo.close()
})

const args = ["status", ...samples.fulfilled, "--verbose", "--log-level", "all"]
const base = (): Environment => ({
  PARTNER_CENTER_API_URL: url,
  PARTNER_CENTER_LOGIN_URL: url,
  PARTNER_CENTER_TENANT_ID: "partner.example",
  PARTNER_CENTER_CLIENT_ID: "7d0c4ba1-0000-4000-8000-000000000000",
  PARTNER_CENTER_DEADLINE: "2s"
})

const Secret = Schema.String.check(Schema.isPattern(/^[!-~]{16,120}$/))

// That nothing is printed is seen to by the harness, which knows these variables.
const kept = (env: Environment, json = false) =>
  Effect.promise(() => run(json ? [...args, "--json"] : args, { env: { ...base(), ...env } }))

describe("secrets", () => {
  it.effect.prop(
    "of the environment are in no output, though login and API repeat them",
    { access: Secret, client: Secret, refresh: Secret },
    ({ access, client, refresh }) =>
      Effect.gen(function* () {
        const ran = yield* Effect.all(
          [
            kept({ PARTNER_CENTER_REFRESH_TOKEN: refresh }),
            kept(
              { PARTNER_CENTER_REFRESH_TOKEN: refresh, PARTNER_CENTER_CLIENT_SECRET: client },
              true
            ),
            kept({ PARTNER_CENTER_ACCESS_TOKEN: access }),
            kept(
              { PARTNER_CENTER_ACCESS_TOKEN: access, PARTNER_CENTER_CLIENT_SECRET: client },
              true
            )
          ],
          { concurrency: "unbounded" }
        )
        for (const { exitCode, stderr } of ran) {
          assert.strictEqual(exitCode, 4)
          assert.include(stderr, "<redacted>")
        }
      }),
    { arbitrary: { seed: "secrets", runs: 3 }, timeout: 60_000 }
  )

  it.live.each(["пароль-пароль-пароль", "数量数量数量数量", "Bearer abc-abc-abc-abc"])(
    "that no header can carry are refused without them: %s",
    (secret) =>
      Effect.gen(function* () {
        const { exitCode, stderr } = yield* kept({ PARTNER_CENTER_ACCESS_TOKEN: secret })
        assert.strictEqual(exitCode, 2)
        assert.match(stderr, /^orderwatch: PARTNER_CENTER_ACCESS_TOKEN in the environment /)
      })
  )

  it.live("of other scripts are sent to the login as they are, and not told", () =>
    Effect.gen(function* () {
      const { exitCode, stderr } = yield* kept({
        PARTNER_CENTER_REFRESH_TOKEN: "пароль-пароль-пароль",
        PARTNER_CENTER_CLIENT_SECRET: "数量数量数量数量"
      })
      assert.strictEqual(exitCode, 4)
      assert.include(stderr, "<redacted>")
    })
  )

  it.live("with a line break in them are refused without them", () =>
    Effect.gen(function* () {
      const secret = "the-first-half-of-it\nthe-second-half-of-it"
      const { exitCode, stderr } = yield* kept({ PARTNER_CENTER_REFRESH_TOKEN: secret })
      assert.strictEqual(exitCode, 2)
      assert.notMatch(stderr, /half-of-it/)
    })
  )
})

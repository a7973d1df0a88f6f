import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Cloud } from "@orderwatch/core/Cloud"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import { layer as scripted, Requests } from "@orderwatch/core/testing"
import type { Handler } from "@orderwatch/core/testing"
import { Tracker } from "@orderwatch/core/Tracker"
import { Duration, Effect, Layer, Option, Redacted, Result } from "effect"
import * as Http from "../src/Http.ts"
import * as Runtime from "../src/Runtime.ts"
import type { SettingsShape } from "../src/Settings.ts"
import { web } from "./sockets.ts"

const customerId = CustomerId.make("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")
const orderId = OrderId.make("34828C05-C16C-4D6F-9CFC-4D2650EF19A1")
const api = "https://api.example"
const login = "https://login.example"

const settings = (changed: Partial<SettingsShape> = {}): SettingsShape => ({
  cloud: Result.getOrThrow(Cloud.make("global", { apiUrl: api, loginUrl: login })),
  credential: { tenantId: "partner.example", clientId: "the-client", proof: { _tag: "None" } },
  seed: { refreshToken: Redacted.make("the-refresh-token") },
  vault: { kind: "env", isForced: true },
  profile: Option.none(),
  notices: [],
  locale: "de-DE",
  attemptTimeout: Duration.seconds(10),
  deadline: Duration.seconds(60),
  requestsPerMinute: 300,
  ...changed
})

const services = (shape: SettingsShape) => Layer.provide(Runtime.layer(shape), NodeServices.layer)

const order = { id: orderId, status: "completed", lineItems: [{ lineItemNumber: 0, quantity: 1 }] }
const status = { totalCount: 1, items: [{ lineItemNumber: 0, status: "fulfilled" }] }
const answers: Handler = ({ method, path }) => {
  if (method === "POST") return { body: { access_token: "issued", expires_in: 3599 } }
  return { body: path.endsWith("/provisioningstatus") ? status : order }
}

const look = Effect.flatMap(Tracker, (tracker) => tracker.report(customerId, orderId))

const asked = (shape: SettingsShape) =>
  Effect.gen(function* () {
    const { verdict } = yield* look
    const requests = yield* Requests
    return { verdict, requests: yield* requests.all }
  }).pipe(Effect.provide(Layer.provideMerge(services(shape), scripted(answers))))

describe("Runtime", () => {
  it.effect("signs in by the refresh token of the settings, and asks in their locale", () =>
    Effect.gen(function* () {
      const proof = { _tag: "Secret", secret: Redacted.make("the-client-secret") } as const
      const { requests, verdict } = yield* asked(
        settings({ credential: { tenantId: "partner.example", clientId: "the-client", proof } })
      )
      assert.strictEqual(verdict, "fulfilled")
      const [signIn, ...reads] = requests
      assert.strictEqual(signIn?.url, `${login}/partner.example/oauth2/v2.0/token`)
      assert.strictEqual(signIn?.form["client_id"], "the-client")
      assert.strictEqual(signIn?.form["client_secret"], "the-client-secret")
      assert.strictEqual(signIn?.form["refresh_token"], "the-refresh-token")
      assert.lengthOf(reads, 2)
      for (const { headers, url } of reads) {
        assert.isTrue(url.startsWith(`${api}/v1/customers/${customerId}/orders/${orderId}`), url)
        assert.strictEqual(headers["authorization"], "Bearer issued")
        assert.strictEqual(headers["x-locale"], "de-DE")
      }
    })
  )

  it.effect("a ready access token is used as it is, and nobody signs in", () =>
    Effect.gen(function* () {
      const { requests } = yield* asked(settings({ seed: { accessToken: Redacted.make("ready") } }))
      assert.deepStrictEqual(
        requests.map(({ headers, method }) => [method, headers["authorization"]]),
        [
          ["GET", "Bearer ready"],
          ["GET", "Bearer ready"]
        ]
      )
    })
  )

  it.effect("without a token nothing is asked, and somebody must sign in", () =>
    Effect.gen(function* () {
      const requests = yield* Requests
      const error = yield* Effect.flip(look)
      assert.strictEqual(error.reason._tag, "SignInRequired")
      assert.deepStrictEqual(yield* requests.all, [])
    }).pipe(Effect.provide(Layer.provideMerge(services(settings({ seed: {} })), scripted(answers))))
  )

  it.live("deadline and attempt timeout are those of the settings", () =>
    Effect.gen(function* () {
      const silent = yield* web(() => {})
      const hosts = { apiUrl: silent.url, loginUrl: silent.url }
      const shape = settings({
        cloud: Result.getOrThrow(Cloud.make("global", hosts)),
        seed: { accessToken: Redacted.make("ready") },
        attemptTimeout: Duration.millis(20),
        deadline: Duration.millis(100)
      })
      const layer = Layer.provide(services(shape), Http.layer)
      const [took, error] = yield* Effect.timed(Effect.flip(look)).pipe(Effect.provide(layer))
      assert.oneOf(error.reason._tag, ["TimedOut", "Unavailable"])
      assert.isBelow(Duration.toMillis(took), 5000)
      assert.isAbove(silent.asked.length, 0)
    })
  )
})

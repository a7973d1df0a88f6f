// A program that is no part of the workspace: reads one order with @orderwatch/core and prints the
// report. packed.test.ts installs the packed core beside it, and runs it against the simulator.
import { Config, Console, Effect, Layer, Schema } from "effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import { AccessToken } from "@orderwatch/core/AccessToken"
import { Budget } from "@orderwatch/core/Budget"
import { Cloud } from "@orderwatch/core/Cloud"
import { Credential } from "@orderwatch/core/Credential"
import { CredentialVault } from "@orderwatch/core/CredentialVault"
import { CustomerId } from "@orderwatch/core/Customer"
import { Login } from "@orderwatch/core/Login"
import { OrderId } from "@orderwatch/core/Order"
import { OrderReportJson } from "@orderwatch/core/OrderReport"
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { Tracker } from "@orderwatch/core/Tracker"

const settings = Config.all({
  apiUrl: Config.String("PARTNER_CENTER_API_URL"),
  loginUrl: Config.String("PARTNER_CENTER_LOGIN_URL"),
  tenantId: Config.String("PARTNER_CENTER_TENANT_ID"),
  clientId: Config.String("PARTNER_CENTER_CLIENT_ID"),
  clientSecret: Config.Redacted("PARTNER_CENTER_CLIENT_SECRET"),
  refreshToken: Config.Redacted("PARTNER_CENTER_REFRESH_TOKEN")
})

const layer = Layer.unwrap(
  Effect.map(settings, ({ apiUrl, clientId, clientSecret, loginUrl, refreshToken, tenantId }) =>
    Tracker.layer().pipe(
      Layer.provide(PartnerCenter.layer()),
      Layer.provide(AccessToken.layer),
      Layer.provide(Login.layer()),
      Layer.provide([
        Budget.layer({ key: tenantId }),
        CredentialVault.layerMemory({ refreshToken }),
        Credential.layer({ tenantId, clientId, proof: { _tag: "Secret", secret: clientSecret } }),
        Cloud.layer("global", { apiUrl, loginUrl }),
        FetchHttpClient.layer
      ])
    )
  )
)

const program = Effect.gen(function* () {
  const tracker = yield* Tracker
  const customer = yield* Config.schema(CustomerId, "CUSTOMER")
  const order = yield* Config.schema(OrderId, "ORDER")
  const report = yield* tracker.report(customer, order)
  yield* Console.log(yield* Schema.encodeEffect(OrderReportJson)(report))
})

await Effect.runPromise(Effect.provide(program, layer))

// What the gateway is measured against, served as it is: the smallest proxy of one of upstream's paths,
// and a route that has its answer ready. Arguments: upstream, as JSON, and that answer.
import { serve } from "@hono/node-server"
import { Schema } from "effect"
import { Hono } from "hono"
import { endWithStarter, say } from "../part.ts"
import { Upstream } from "../following/client.ts"

endWithStarter()
const [upstream = "", report = ""] = process.argv.slice(2)
const { credentials, url } = Schema.decodeUnknownSync(Schema.fromJsonString(Upstream))(upstream)

const signedIn = await fetch(`${url}/${credentials.tenantId}/oauth2/v2.0/token`, {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "refresh_token",
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    refresh_token: credentials.refreshToken,
    scope: "https://api.partnercenter.microsoft.com/.default offline_access"
  })
})
const Token = Schema.Struct({ access_token: Schema.String })
const { access_token } = Schema.decodeUnknownSync(Token)(await signedIn.json())

const app = new Hono()
app.get("/v1/customers/:customer/orders/:order/provisioningstatus", async (c) => {
  const response = await fetch(url + c.req.path, {
    headers: { accept: "application/json", authorization: `Bearer ${access_token}` }
  })
  return c.json(await response.json())
})
app.get("/v1/customers/:customer/orders/:order/report", (c) =>
  c.body(report, 200, { "content-type": "application/json" })
)

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) =>
  say(`http://127.0.0.1:${port}`)
)

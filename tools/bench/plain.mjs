// What an integrator writes first: token, order, status, with fetch and JSON.parse and nothing else.
const [customer, order] = process.argv.slice(2)
const env = process.env
const json = async (response) => JSON.parse((await response.text()).replace(/^\uFEFF/, ""))

const { access_token } = await json(
  await fetch(`${env.PARTNER_CENTER_LOGIN_URL}/${env.PARTNER_CENTER_TENANT_ID}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: env.PARTNER_CENTER_CLIENT_ID,
      client_secret: env.PARTNER_CENTER_CLIENT_SECRET,
      refresh_token: env.PARTNER_CENTER_REFRESH_TOKEN,
      scope: "https://api.partnercenter.microsoft.com/.default offline_access"
    })
  })
)
const read = async (path) =>
  json(
    await fetch(`${env.PARTNER_CENTER_API_URL}/v1/customers/${customer}/orders/${order}${path}`, {
      headers: { accept: "application/json", authorization: `Bearer ${access_token}` }
    })
  )
const found = await read("")
const status = await read("/provisioningstatus")
console.log(JSON.stringify({ order: found.id, status }, null, 2))

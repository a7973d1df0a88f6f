// Payloads as the wire sends them, after the vendor's own samples.
import * as Base64Url from "effect/encoding/Base64Url"
import { CustomerId } from "../src/Customer.ts"
import { OrderId, SubscriptionId } from "../src/Order.ts"

export const tenant = "b5a2d1f0-3c44-4c8e-9a53-6f1d0e6a7c11"
export const clientId = "1f0c4f10-64c5-4d6b-bb7a-2a9c0f6b5a77"

export const customer = CustomerId.make("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")
export const order = OrderId.make("YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1")
export const legacyOrder = OrderId.make("34828C05-C16C-4D6F-9CFC-4D2650EF19A1")
export const subscription = SubscriptionId.make("DB8C695B-1C3C-4C55-B697-771503DD46BF")
export const otherSubscription = "6bb7c4b6-4c1f-4a0e-9a7e-0b2f1bd5c3a4"

export const paths = {
  token: `/${tenant}/oauth2/v2.0/token`,
  deviceCode: `/${tenant}/oauth2/v2.0/devicecode`,
  customers: "/v1/customers",
  orders: `/v1/customers/${customer}/orders`,
  order: `/v1/customers/${customer}/orders/${order}`,
  status: `/v1/customers/${customer}/orders/${order}/provisioningstatus`,
  legacyOrder: `/v1/customers/${customer}/orders/${legacyOrder}`,
  legacyStatus: `/v1/customers/${customer}/orders/${legacyOrder}/provisioningstatus`,
  subscription: `/v1/customers/${customer}/subscriptions/${subscription}/provisioningstatus`,
  otherSubscription: `/v1/customers/${customer}/subscriptions/${otherSubscription}/provisioningstatus`
}

/** A successful body as Partner Center sends it: UTF-8 with a byte order mark. */
export const marked = (body: unknown): string => `\uFEFF${JSON.stringify(body)}`

/** The login's answer, v2. */
export const tokens = (
  accessToken: string,
  refreshToken?: string,
  expiresIn: number | string = 3599
) => ({
  body: {
    token_type: "Bearer",
    scope: "https://api.partnercenter.microsoft.com/user_impersonation",
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: accessToken,
    ...(refreshToken !== undefined && { refresh_token: refreshToken })
  }
})

/** The login's refusal. */
export const refused = (
  code: number,
  error = "invalid_grant",
  sentence = "The grant is refused."
) => ({
  status: 400,
  body: {
    error,
    error_description: `AADSTS${code}: ${sentence} Trace ID: 6a1b Correlation ID: 7c2d`,
    error_codes: [code],
    timestamp: "2026-11-22 10:00:00Z",
    trace_id: "0f9c7c5e-0a5b-4a5a-a1ff-25b4a6be0300",
    correlation_id: "e2f0a7d3-8f2e-4f9b-8f5f-1f6a8f0b7c10",
    error_uri: `https://login.microsoftonline.com/error?code=${code}`
  }
})

/** The login's answer that begins a sign-in on another device. */
export const device = {
  user_code: "F7K2QXWMD",
  device_code: "FAQABAAEAAAAtn-device_code",
  verification_uri: "https://microsoft.com/devicelogin",
  expires_in: 900,
  interval: 5,
  message:
    "To sign in, use a web browser to open the page https://microsoft.com/devicelogin and enter the code F7K2QXWMD to authenticate."
}

/** The claims of a partner user's token, after test-partner-security-requirements. */
export const claims = {
  aud: "https://api.partnercenter.microsoft.com",
  iss: `https://sts.windows.net/${tenant}/`,
  iat: 0,
  nbf: 0,
  exp: 3600,
  acr: "1",
  amr: ["pwd", "mfa"],
  appid: clientId,
  appidacr: "1",
  name: "Adele Vance",
  oid: "3f0b8f3e-3f0d-4f0e-8f0b-1c2d3e4f5a6b",
  scp: "user_impersonation",
  tid: tenant,
  unique_name: "adele@partner.example",
  upn: "adele@partner.example",
  ver: "1.0"
}

/** A JSON Web Token with those claims, and a signature that nobody checks. */
export const jwt = (payload: unknown): string =>
  [{ typ: "JWT", alg: "RS256", x5t: "nOo3ZDrODXEK1jKWhXslHR_KXEg" }, payload]
    .map((part) => Base64Url.encode(JSON.stringify(part)))
    .concat("c2lnbmF0dXJl")
    .join(".")

/** The headers of a successful answer. */
export const answered = {
  "content-type": "application/json; charset=utf-8",
  "ms-cv": "InswEQre402koceL.0",
  "ms-serverid": "030020344",
  "x-locale": "en-US,en-US"
}

/** The order of a reservation, after get-an-order-by-id. */
export const reservation = {
  id: order,
  referenceCustomerId: customer,
  billingCycle: "one_time",
  currencyCode: "USD",
  currencySymbol: "$",
  lineItems: [
    {
      lineItemNumber: 0,
      offerId: "DZH318Z0BQ4Z:002L:DZH318Z0CMNP",
      friendlyName: "Reserved_VM_Instance_Standard_NC12_AU_East_1_Year",
      quantity: 1,
      links: {
        sku: { uri: "/products/DZH318Z0BQ4Z/skus/002L?country=US", method: "GET", headers: [] }
      }
    }
  ],
  creationDate: "2018-03-13T22:49:54.3396949Z",
  status: "completed",
  links: {
    provisioningStatus: {
      uri: `/customers/${customer}/orders/${order}/provisioningstatus`,
      method: "GET",
      headers: []
    },
    self: { uri: `/customers/${customer}/orders/${order}`, method: "GET", headers: [] }
  },
  attributes: { objectType: "Order" }
}

/** The vendor's sample answer of the order-level status. */
export const fulfilled = {
  totalCount: 1,
  items: [
    {
      orderLineItemId: 0,
      lineItemNumber: 0,
      status: "fulfilled",
      quantityProvisioningInformation: [{ quantity: 1, status: "fulfilled" }]
    }
  ],
  attributes: { objectType: "Collection" }
}

export const pending = {
  totalCount: 1,
  items: [
    {
      lineItemNumber: 0,
      status: "prefulfillmentPending",
      quantityProvisioningInformation: [{ quantity: 1, status: "prefulfillmentPending" }]
    }
  ],
  attributes: { objectType: "Collection" }
}

export const subscriptionLine = (lineItemNumber: number, id: string, quantity = 5) => ({
  lineItemNumber,
  offerId: "031C9E47-4802-4248-838E-778FB1D2CC05",
  subscriptionId: id,
  friendlyName: `Office 365 (${lineItemNumber})`,
  quantity,
  links: {
    subscription: { uri: `/customers/${customer}/subscriptions/${id}`, method: "GET", headers: [] },
    provisioningStatus: {
      uri: `/subscriptions/${id}/provisioningstatus`,
      method: "GET",
      headers: []
    }
  }
})

/** An older licence order: no link at order level, its lines link to their subscriptions. */
export const licences = {
  id: legacyOrder,
  referenceCustomerId: customer,
  billingCycle: "monthly",
  creationDate: "2015-11-25T06:41:12Z",
  status: "completed",
  lineItems: [subscriptionLine(0, subscription), subscriptionLine(1, otherSubscription)],
  attributes: { objectType: "Order", etag: "eyJpZCI6IjM0ODI4YzA1IiwidmVyc2lvbiI6MX0=" }
}

/** The vendor's sample answer of a subscription's status. */
export const subscriptionStatus = (status: string, quantity = 5) => ({
  skuId: "6FD2C87F-B296-42F0-B197-1E91E994B900",
  status,
  quantity,
  endDate: "2018-05-10T00:00:00Z",
  attributes: { objectType: "SubscriptionProvisioningStatus" }
})

export const contoso = {
  id: customer,
  companyProfile: {
    tenantId: customer,
    domain: "contoso.onmicrosoft.com",
    companyName: "Contoso",
    attributes: { objectType: "CustomerCompanyProfile" }
  },
  relationshipToPartner: "reseller",
  attributes: { objectType: "Customer" }
}

/** A page of customers whose next page has that token; the address of the next page is a trap. */
export const customersPage = (ids: ReadonlyArray<string>, next?: string) => ({
  totalCount: ids.length,
  items: ids.map((id) => ({ ...contoso, id })),
  links: {
    self: { uri: "/v1/customers?size=40", method: "GET", headers: [] },
    ...(next !== undefined && {
      next: {
        uri: "https://evil.example/v1/customers?seekOperation=Next&token=stolen",
        method: "GET",
        headers: [{ key: "MS-ContinuationToken", value: next }]
      }
    })
  },
  attributes: { objectType: "Collection" }
})

/** Error body form A, the classic one. Codes are numbers in samples and strings in the schema. */
export const formA = (code: number | string, description = "Upstream's own sentence.") => ({
  code,
  description,
  data: [],
  source: "PartnerFD"
})

/** Form B, of newer services. */
export const formB = (code: number | string, description = "Upstream's own sentence.") => ({
  code,
  message: "A message.",
  description,
  errorName: "SomethingHappened",
  isRetryable: false,
  parameters: {},
  errorMessageExtended: `InternalErrorCode=${code}`
})

/** Form C, of the gateway in front. */
export const formC = (statusCode: number, message: string) => ({ statusCode, message })

/** Form D: what a front end says. */
export const formD =
  "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"

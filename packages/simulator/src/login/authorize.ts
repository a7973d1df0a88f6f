// The authorize endpoint: reads what an app asks of a browser, asks the user, sends the browser back.
import type { Call } from "../gate.ts"
import * as errors from "../loginErrors.ts"
import type { Clock } from "../time.ts"
import { asksMfa } from "./asksMfa.ts"
import { type Client, isLoopback, mayReturnTo, readClient } from "./clients.ts"
import type { Codes } from "./codes.ts"
import { page, postTo, problem, signInForm } from "./page.ts"
import { readScope } from "./scope.ts"
import { signIn } from "./signIn.ts"
import { wrongTenant } from "./tenant.ts"
import type { Users } from "./users.ts"

export interface AuthorizeOptions {
  readonly clock: Clock
  readonly users: Users
  readonly codes: Codes
}

const invalid = (code: number, text: string) =>
  errors.loginError(400, "invalid_request", code, text)

const redirectWrong = (redirectUri: string, client: Client) =>
  invalid(
    50011,
    `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${client.id}'. Make sure the redirect URI sent in the request matches one added to your application.`
  )
const responseTypeWrong = (type: string) =>
  errors.loginError(
    400,
    "unsupported_response_type",
    70005,
    `The app returned an unsupported response type '${type}'.`
  )
const responseModeWrong = invalid(70007, "The app asked for an unsupported 'response_mode'.")
const challengeWrong = invalid(
  50147,
  "The size of the code challenge parameter is not valid: a native app must send a 'code_challenge' of method S256."
)
const methodWrong = invalid(501491, "The 'code_challenge_method' must be S256.")
const claimsWrong = invalid(9002313, "Invalid request. The 'claims' parameter is no JSON object.")
const notSignedIn = errors.loginError(
  400,
  "login_required",
  50058,
  "A silent sign-in request was sent but no user is signed in."
)
const declined = errors.loginError(
  400,
  "access_denied",
  65004,
  "User declined to consent to access the app."
)

/** Where an answer goes, which stands before anything else can be told to the app. */
interface Address {
  readonly client: Client
  readonly redirectUri: string
}

/** What must not go back to an address that is not known to be the app's. */
const readAddress = (tenant: string, query: URLSearchParams): Address | errors.LoginError => {
  const wrong = wrongTenant(tenant)
  if (wrong !== undefined) return wrong
  const client = readClient(query.get("client_id"), tenant)
  if ("error" in client) return client
  const redirectUri = query.get("redirect_uri")
  if (!redirectUri) return errors.parameterMissing("redirect_uri")
  return mayReturnTo(client, redirectUri)
    ? { client, redirectUri }
    : redirectWrong(redirectUri, client)
}

const modes = ["query", "fragment", "form_post"]

/** What is wrong with the rest, if anything is. */
const wrongRequest = ({ client, redirectUri }: Address, query: URLSearchParams) => {
  const type = query.get("response_type")
  if (!type) return errors.parameterMissing("response_type")
  if (type !== "code") return responseTypeWrong(type)
  if (!modes.includes(query.get("response_mode") ?? "query")) return responseModeWrong
  const challenge = query.get("code_challenge")
  const needsChallenge = client.proof === "refused" || isLoopback(redirectUri)
  if (challenge === null ? needsChallenge : !/^[\w-]{43}$/.test(challenge)) return challengeWrong
  if (challenge !== null && query.get("code_challenge_method") !== "S256") return methodWrong
  const scope = query.get("scope")
  if (!scope) return errors.parameterMissing("scope")
  const readable = readScope(scope)
  if ("error" in readable) return readable
  if (asksMfa(query) === undefined) return claimsWrong
  return query.get("prompt") === "none" ? notSignedIn : undefined
}

export const makeAuthorize =
  ({ clock, users, codes }: AuthorizeOptions) =>
  async ({ request, form, query, param }: Call): Promise<Response> => {
    const now = clock.now()
    const address = readAddress(param("tenant"), query)
    if ("error" in address)
      return page(400, now, "Sorry, but we're having trouble signing you in", problem(address))
    const { client, redirectUri } = address

    const goBack = (fields: Readonly<Record<string, string>>) => {
      const state = query.get("state")
      const values = { ...fields, ...(state === null ? {} : { state }) }
      return send(redirectUri, query.get("response_mode"), values, now)
    }
    const fail = (failure: errors.LoginError) => {
      const { error, error_description, error_uri } = errors.failureBody(failure, now)
      return goBack({ error, error_description, error_uri })
    }
    const wrong = wrongRequest(address, query)
    if (wrong !== undefined) return fail(wrong)

    const scope = query.get("scope") ?? ""
    const needsMfa = asksMfa(query) ?? false
    const ask = (status: number, problem?: errors.LoginError) => {
      const hint = form.get("user") ?? query.get("login_hint") ?? undefined
      const asked = { client, scope, users: users.list(), hint, asksMfa: needsMfa, problem }
      return page(status, now, "Sign in", signInForm(asked))
    }
    if (request.method === "GET") return ask(200)
    if (form.get("answer") !== "accept") return fail(declined)
    const signedIn = signIn(users, form.get("user") ?? "", needsMfa)
    if ("error" in signedIn) return ask(400, signedIn)
    const challenge = query.get("code_challenge")
    const nonce = query.get("nonce")
    const code = codes.issue({
      ...signedIn,
      clientId: client.id,
      redirectUri,
      scope,
      ...(challenge === null ? {} : { challenge }),
      ...(nonce === null ? {} : { nonce })
    })
    return goBack({ code, session_state: crypto.randomUUID() })
  }

const send = (
  redirectUri: string,
  mode: string | null,
  values: Readonly<Record<string, string>>,
  now: number
) => {
  if (mode === "form_post") return page(200, now, "Signing in", postTo(redirectUri, values))
  const parameters = new URLSearchParams(values)
  const before = mode === "fragment" ? "#" : redirectUri.includes("?") ? "&" : "?"
  return new Response(null, {
    status: 302,
    headers: {
      Location: `${redirectUri}${before}${parameters}`,
      "Cache-Control": "no-store, no-cache",
      Date: new Date(now).toUTCString()
    }
  })
}

// The device code endpoint, and the page where its user types the code.
import type { Call } from "../gate.ts"
import * as errors from "../loginErrors.ts"
import type { Clock } from "../time.ts"
import { clients, readClient } from "./clients.ts"
import type { DeviceCodes } from "./deviceCodes.ts"
import { codeForm, page, signInForm, words } from "./page.ts"
import { readScope } from "./scope.ts"
import { signIn } from "./signIn.ts"
import { wrongTenant } from "./tenant.ts"
import type { Users } from "./users.ts"

export interface DeviceOptions {
  readonly clock: Clock
  readonly users: Users
  readonly deviceCodes: DeviceCodes
}

export const makeDevice = ({ clock, users, deviceCodes }: DeviceOptions) => ({
  start: ({ form, param, origin }: Call) => {
    const now = clock.now()
    const failed = (failure: errors.LoginError) => errors.loginFailure(failure, now)
    const wrong = wrongTenant(param("tenant"))
    if (wrong !== undefined) return failed(wrong)
    const client = readClient(form.get("client_id"), param("tenant"))
    if ("error" in client) return failed(client)
    const scope = form.get("scope")
    if (!scope) return failed(errors.parameterMissing("scope"))
    const readable = readScope(scope)
    if ("error" in readable) return failed(readable)
    const { deviceCode, userCode, interval, expiresAt } = deviceCodes.start(client.id, scope)
    const verificationUri = `${origin}/devicelogin`
    const body = {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: verificationUri,
      expires_in: (expiresAt - now) / 1000,
      interval,
      message: `To sign in, use a web browser to open the page ${verificationUri} and enter the code ${userCode} to authenticate.`
    }
    return errors.loginAnswer(200, body, now)
  },

  page: async ({ request, form, query }: Call) => {
    const show = (status: number, title: string, content: Parameters<typeof page>[3]) =>
      page(status, clock.now(), title, content)
    const ask = (status: number, code: string, error?: errors.LoginError) =>
      show(status, "Enter code", codeForm(code, error))
    if (request.method === "GET") return ask(200, query.get("otc") ?? "")

    const typed = form.get("code") ?? ""
    const found = deviceCodes.find(typed)
    if ("error" in found) return ask(400, typed, found)
    const client = clients.find(({ id }) => id === found.clientId)
    if (client === undefined) return ask(400, typed, errors.clientUnknown(found.clientId, ""))
    const choose = (status: number, problem?: errors.LoginError) =>
      show(
        status,
        "Sign in",
        signInForm({
          client,
          scope: found.scope,
          users: users.list(),
          hint: form.get("user") ?? undefined,
          asksMfa: false,
          hidden: { code: found.userCode },
          problem
        })
      )
    if (!form.has("answer")) return choose(200)
    if (form.get("answer") !== "accept") {
      deviceCodes.answer(found.userCode, "declined")
      return show(200, "You declined", words("The app was not signed in. You may close this page."))
    }
    const signedIn = signIn(users, form.get("user") ?? "", false)
    if ("error" in signedIn) return choose(400, signedIn)
    deviceCodes.answer(found.userCode, signedIn)
    return show(200, "You are signed in", words(`${client.name} goes on. You may close this page.`))
  }
})

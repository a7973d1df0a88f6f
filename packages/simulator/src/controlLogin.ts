// The controls of the login: refresh tokens, users, device codes, certificates.
import type { Hono } from "hono"
import type { Certificates } from "./login/certificate.ts"
import type { DeviceCodes } from "./login/deviceCodes.ts"
import { signIn } from "./login/signIn.ts"
import { consents, mfas, type UserChange, type Users } from "./login/users.ts"
import { readBody } from "./body.ts"
import { Invalid, type Reader } from "./reader.ts"
import { actions, type RefreshTokens, type Selection } from "./refreshTokens.ts"

export interface LoginControlOptions {
  readonly refreshTokens: RefreshTokens
  readonly users: Users
  readonly certificates: Certificates
  readonly deviceCodes: DeviceCodes
}

export const addLoginControls = (control: Hono, options: LoginControlOptions) => {
  const { refreshTokens, users, certificates, deviceCodes } = options

  const readUser = (body: Reader) => {
    const upn = body.text("user")
    const user = upn === undefined ? undefined : users.find(upn)
    if (upn !== undefined && user === undefined)
      throw body.invalid(
        "user",
        `must be one of ${users
          .list()
          .map(({ upn }) => upn)
          .join(", ")}`
      )
    return user
  }

  control.post("/refresh-tokens", async (context) => {
    const body = await readBody(context.req.raw)
    const action = body.oneOf("action", [...actions.keys()])
    const condition = actions.get(action ?? "")
    const token = body.text("token")
    const user = readUser(body)
    body.end()
    if (condition === undefined)
      throw body.invalid("action", `is missing; one of ${[...actions.keys()].join(", ")}`)
    const selection: Selection = {
      ...(token === undefined ? {} : { token }),
      ...(user === undefined ? {} : { upn: user.upn })
    }
    const changed = refreshTokens.put(condition, selection)
    if (changed === 0 && token !== undefined)
      throw body.invalid("token", "is not a refresh token of this simulator")
    return context.json({ changed })
  })

  control.post("/users", async (context) => {
    const body = await readBody(context.req.raw)
    const user = readUser(body)
    if (user === undefined) throw body.invalid("user", "is missing")
    const mfa = body.oneOf("mfa", mfas)
    const consent = body.oneOf("consent", consents)
    const isAdminAgent = body.flag("isAdminAgent")
    const isDisabled = body.flag("isDisabled")
    body.end()
    const change: UserChange = {
      ...(mfa === undefined ? {} : { mfa }),
      ...(consent === undefined ? {} : { consent }),
      ...(isAdminAgent === undefined ? {} : { isAdminAgent }),
      ...(isDisabled === undefined ? {} : { isDisabled })
    }
    return context.json(users.change(user.upn, change))
  })

  control.post("/device-codes", async (context) => {
    const body = await readBody(context.req.raw)
    const interval = body.integer("interval", 0, 60)
    const expiresIn = body.integer("expiresIn", 1, 86_400)
    const userCode = body.text("userCode")
    const answer = body.oneOf("answer", ["accept", "cancel"])
    const user = readUser(body)
    body.end()
    deviceCodes.configure({
      ...(interval === undefined ? {} : { interval }),
      ...(expiresIn === undefined ? {} : { expiresIn })
    })
    if (userCode !== undefined) {
      const upn = user?.upn ?? users.list()[0]?.upn ?? ""
      const answered = answer === "cancel" ? "declined" : signIn(users, upn, false)
      const failed =
        typeof answered === "object" && "error" in answered
          ? answered
          : deviceCodes.answer(userCode, answered)
      if (failed !== undefined) throw new Invalid(`AADSTS${failed.code}: ${failed.text}`)
    }
    return context.json(deviceCodes.settings())
  })

  control.post("/certificates", async (context) => {
    const body = await readBody(context.req.raw)
    const certificate = body.text("certificate")
    body.end()
    if (certificate === undefined) throw body.invalid("certificate", "is missing")
    return context.json({ registered: certificates.add(certificate) }, 201)
  })
}

// The Microsoft clouds that run Partner Center: which host answers, which host signs in, for whom a
// token must be.
import { Context, Effect, Layer, Result, Schema } from "effect"

/**
 * A Microsoft cloud with a Partner Center of its own, as settings name it.
 *
 * Germany's cloud closed in 2021.
 */
export const CloudName = Schema.Literals(["global", "us-government", "china"])
export type CloudName = typeof CloudName.Type

/**
 * Where requests go. All addresses are origins with an optional base path and no trailing slash.
 *
 * Hosts: https://learn.microsoft.com/partner-center/developer/partner-center-rest-urls, sign-in
 * hosts: https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud.
 */
export interface CloudShape {
  readonly name: CloudName
  /** The Partner Center API, without `/v1`. The bearer token goes here and nowhere else. */
  readonly apiUrl: string
  /** The sign-in host. Refresh token and client proof go here and nowhere else. */
  readonly loginUrl: string
  /** The resource a token must be issued for (`aud`), whatever `apiUrl` is overridden with. */
  readonly audience: string
}

const clouds: Record<CloudName, CloudShape> = {
  global: {
    name: "global",
    apiUrl: "https://api.partnercenter.microsoft.com",
    loginUrl: "https://login.microsoftonline.com",
    audience: "https://api.partnercenter.microsoft.com"
  },
  // The US Government cloud signs in elsewhere but is answered by the global API host.
  "us-government": {
    name: "us-government",
    apiUrl: "https://api.partnercenter.microsoft.com",
    loginUrl: "https://login.microsoftonline.us",
    audience: "https://api.partnercenter.microsoft.com"
  },
  china: {
    name: "china",
    apiUrl: "https://partner.partnercenterapi.microsoftonline.cn",
    loginUrl: "https://login.partner.microsoftonline.cn",
    audience: "https://partner.partnercenterapi.microsoftonline.cn"
  }
}

/** An overridden host that must not be given a credential. `message` says what is wrong with it. */
export class HostRefused extends Schema.TaggedError<HostRefused>()("HostRefused", {
  setting: Schema.Literals(["apiUrl", "loginUrl"]),
  message: Schema.String
}) {}

/** Other hosts than the cloud's own, for tests and proxies. */
export interface HostOverrides {
  readonly apiUrl?: string | undefined
  readonly loginUrl?: string | undefined
}

/** The cloud that a client talks to. */
export class Cloud extends Context.Service<Cloud, CloudShape>()("@orderwatch/core/Cloud") {
  /** The cloud of that name; an override must be `https`, or `http` on loopback. */
  static readonly make = (
    name: CloudName,
    overrides: HostOverrides = {}
  ): Result.Result<CloudShape, HostRefused> =>
    Result.gen(function* () {
      const cloud = clouds[name]
      return {
        ...cloud,
        apiUrl: yield* host("apiUrl", overrides.apiUrl ?? cloud.apiUrl),
        loginUrl: yield* host("loginUrl", overrides.loginUrl ?? cloud.loginUrl)
      }
    })

  static readonly layer = (
    name: CloudName,
    overrides?: HostOverrides
  ): Layer.Layer<Cloud, HostRefused> =>
    Layer.effect(Cloud, Effect.fromResult(Cloud.make(name, overrides)))
}

const address =
  /^(?<scheme>https?):\/\/(?<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?<port>\d{1,5}))?(?<path>(?:\/[\w.~%-]+)*)\/?$/i
const loopback = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

const host = (setting: "apiUrl" | "loginUrl", url: string): Result.Result<string, HostRefused> => {
  const groups = address.exec(url.trim())?.groups
  if (groups === undefined) {
    return Result.fail(
      new HostRefused({ setting, message: "is not an address such as https://host[:port][/path]" })
    )
  }
  if (groups["scheme"]?.toLowerCase() === "http" && !loopback.test(groups["host"] ?? "")) {
    return Result.fail(
      new HostRefused({
        setting,
        message:
          "must be https: plain http is accepted on loopback only (localhost, 127.0.0.1, [::1])"
      })
    )
  }
  return Result.succeed(url.trim().replace(/\/$/, ""))
}

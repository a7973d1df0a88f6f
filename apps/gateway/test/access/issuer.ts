// An OIDC issuer on loopback: real HTTP, real signatures, and every way to be unwell.
import { createServer } from "node:http"
import type { ServerResponse } from "node:http"
import { Effect, Option } from "effect"
import { exportJWK, generateKeyPair, SignJWT } from "jose"
import type { CryptoKey, JWK } from "jose"
import { contoso } from "./fixtures.ts"

export interface Pair {
  readonly kid: string | undefined
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export const pair = (alg: string, kid?: string, options: { readonly crv?: string } = {}) =>
  Effect.promise(async (): Promise<Pair> => {
    const made = await generateKeyPair(alg, { extractable: true, ...options })
    const jwk = await exportJWK(made.publicKey)
    return {
      kid,
      alg,
      privateKey: made.privateKey,
      jwk: { ...jwk, ...(kid !== undefined && { kid }), use: "sig", alg }
    }
  })

type Answer = (response: ServerResponse) => void

const json =
  (body: unknown, status = 200): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" })
    response.end(JSON.stringify(body))
  }

/** What goes wrong with the set of keys. */
export const faults = {
  failing: json({}, 500),
  silent: () => {},
  huge: (response) => {
    response.writeHead(200, { "content-type": "application/json" })
    response.write('{"keys":[')
    const more = () => {
      while (response.write(" ".repeat(65_536)));
      response.once("drain", more)
    }
    more()
  },
  notJson: (response) => response.end("<html>"),
  noKeys: json({ keys: "none" }),
  list: json([]),
  redirecting: (response) => {
    response.writeHead(302, { location: "/elsewhere" })
    response.end()
  },
  resetting: (response) => response.destroy()
} as const satisfies Record<string, Answer>

/** What a test may change while the issuer runs. */
export interface State {
  pairs: ReadonlyArray<Pair>
  /** Further members of the set. */
  extra: ReadonlyArray<object>
  /** How often the set was asked for. */
  asked: number
  fault: Answer | undefined
  /** Instead of what it says of itself. */
  configuration: Readonly<Record<string, unknown>>
}

/** An issuer with those keys, until the test ends. */
export const issuer = Effect.fnUntraced(function* (...pairs: ReadonlyArray<Pair>) {
  const state: State = { pairs, extra: [], asked: 0, fault: undefined, configuration: {} }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost")
    if (pathname === "/t/.well-known/openid-configuration") {
      return json({ issuer: url, jwks_uri: `${url}/keys`, ...state.configuration })(response)
    }
    if (pathname === "/elsewhere")
      return json({ keys: state.pairs.map(({ jwk }) => jwk) })(response)
    state.asked++
    if (state.fault !== undefined) return state.fault(response)
    return json({ keys: [...state.extra, ...state.pairs.map(({ jwk }) => jwk)] })(response)
  })
  const port = yield* Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
      })
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.closeAllConnections()
        server.close(() => resume(Effect.void))
      })
  )
  const url = `http://127.0.0.1:${port}/t`
  return {
    state,
    url,
    oidc: Option.some({
      issuer: new URL(url),
      audience: "api://orderwatch",
      customersClaim: "roles"
    })
  }
})

export interface Shape {
  readonly now: number
  readonly issuer: string
  /** `undefined` leaves a claim out. */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
}

/** A token that is good in everything that is not changed. */
export const token = ({ alg, kid, privateKey }: Pair, { claims, header, issuer, now }: Shape) =>
  Effect.promise(() =>
    new SignJWT({
      iss: issuer,
      aud: "api://orderwatch",
      sub: "desk",
      iat: now,
      nbf: now,
      exp: now + 600,
      roles: [contoso],
      ...claims
    })
      .setProtectedHeader({ alg, ...(kid !== undefined && { kid }), ...header })
      .sign(privateKey)
  )

// Whether a host can be reached: its name, a connection, and the certificate that it shows.
import { lookup } from "node:dns/promises"
import { connect as connectPlain, isIP } from "node:net"
import { connect as connectTls } from "node:tls"
import { Data, Duration, Effect } from "effect"

/** The host could not be reached. `message` says at which step, `remedy` what to do. */
export class Unreachable extends Data.TaggedError("Unreachable")<{
  readonly message: string
  readonly remedy: string
}> {}

const patience = Duration.seconds(8)

const dns = (host: string) =>
  Effect.tryPromise({
    try: () => lookup(host.replace(/^\[|\]$/g, "")),
    catch: (error) =>
      new Unreachable({
        message: `${host} has no address here (${codeOf(error)})`,
        remedy: "Check the name server, the cloud setting and PARTNER_CENTER_API_URL or _LOGIN_URL."
      })
  })

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown"

const connected = (url: URL) =>
  Effect.callback<string, Unreachable>((resume) => {
    const host = url.hostname.replace(/^\[|\]$/g, "")
    const isTls = url.protocol === "https:"
    const port = Number(url.port) || (isTls ? 443 : 80)
    const done = (effect: Effect.Effect<string, Unreachable>) => {
      socket.destroy()
      resume(effect)
    }
    const socket = isTls ? tls(host, port, done) : plain(host, port, done)
    socket.once("error", (error) => done(Effect.fail(refused(url.host, error))))
    return Effect.sync(() => socket.destroy())
  })

type Done = (effect: Effect.Effect<string, Unreachable>) => void

const tls = (host: string, port: number, done: Done) => {
  // An address has no name to show.
  const named = isIP(host) === 0 ? { servername: host } : {}
  const socket = connectTls({ host, port, ...named }, () =>
    done(Effect.succeed(socket.getProtocol() ?? "TLS"))
  )
  return socket
}

const plain = (host: string, port: number, done: Done) =>
  connectPlain({ host, port }, () => done(Effect.succeed("plain HTTP on loopback")))

const refused = (host: string, error: Error): Unreachable => {
  const code = codeOf(error)
  return /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS_/.test(code)
    ? new Unreachable({
        message: `${host} shows a certificate that is not accepted here (${code})`,
        remedy:
          "Behind a proxy that inspects traffic, name its authority in NODE_EXTRA_CA_CERTS; else check who answers there."
      })
    : new Unreachable({
        message: `${host} does not take connections (${code})`,
        remedy: "Check the network, the firewall and HTTPS_PROXY."
      })
}

/** How the host of an address was reached, such as `TLSv1.3`. */
export const reach = (address: string): Effect.Effect<string, Unreachable> => {
  const url = new URL(address)
  return Effect.andThen(dns(url.hostname), connected(url)).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.fail(
          new Unreachable({
            message: `${url.host} does not answer within ${Duration.format(patience)}`,
            remedy: "Check the network, the firewall and HTTPS_PROXY."
          })
        )
    })
  )
}

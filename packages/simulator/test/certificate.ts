// Self-signed X.509 certificates made with node:crypto alone, for TLS on the loopback and for apps.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto"

export interface Made {
  /** PEM. */
  readonly cert: string
  /** PKCS#8 as PEM. */
  readonly key: string
  /** Of SHA-256, in hexadecimal as msal-node wants it, and as the header `x5t#S256`. */
  readonly thumbprint: string
  readonly x5tS256: string
  readonly x5t: string
  /** Of the public key. */
  readonly jwk: { readonly n?: string; readonly e?: string }
}

const der = (tag: number, ...contents: ReadonlyArray<Buffer>): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content])
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content])
}
const sequence = (...contents: ReadonlyArray<Buffer>) => der(0x30, ...contents)
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"))
const time = (ms: number) =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`))

const sha256WithRsa = sequence(oid("2a864886f70d01010b"), der(0x05))
const commonName = (name: string) =>
  sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(name)))))
// For 127.0.0.1 and localhost.
const alternativeNames = sequence(
  oid("551d11"),
  der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1)), der(0x82, Buffer.from("localhost"))))
)

const day = 86_400_000

/** Valid from a day before to a year after `now` unless told otherwise. */
export const makeCertificate = (
  now: number,
  { from = now - day, until = now + 365 * day } = {}
): Made => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
  const name = commonName("orderwatch test")
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1), randomBytes(8)),
    sha256WithRsa,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(alternativeNames))
  )
  const signature = sign("sha256", signed, privateKey)
  const whole = sequence(signed, sha256WithRsa, der(0x03, Buffer.of(0), signature))
  const lines = whole.toString("base64").replaceAll(/.{64}/g, "$&\n")
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    thumbprint: createHash("sha256").update(whole).digest("hex"),
    x5tS256: createHash("sha256").update(whole).digest("base64url"),
    x5t: createHash("sha1").update(whole).digest("base64url"),
    jwk: publicKey.export({ format: "jwk" })
  }
}

// Self-signed X.509 certificates for a key pair, by node:crypto alone.
import { sign } from "node:crypto"
import type { KeyPairKeyObjectResult } from "node:crypto"

const der = (tag: number, ...contents: ReadonlyArray<Buffer>): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}
const sequence = (...contents: ReadonlyArray<Buffer>) => der(0x30, ...contents)
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"))
const time = (day: string) => der(0x18, Buffer.from(`${day.replaceAll("-", "")}000000Z`))

const sha256WithRsa = sequence(oid("2a864886f70d01010b"), der(0x05))
const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from("orderwatch")))))

/** PEM, valid between those days (2026-01-01). */
export const certificate = (
  { privateKey, publicKey }: KeyPairKeyObjectResult,
  from: string,
  until: string
): string => {
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    sha256WithRsa,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" })
  )
  const signature = der(0x03, Buffer.of(0), sign("sha256", signed, privateKey))
  const lines = sequence(signed, sha256WithRsa, signature).toString("base64")
  return `-----BEGIN CERTIFICATE-----\n${lines.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`
}

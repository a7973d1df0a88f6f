// Certificates registered for the apps: read from PEM, known by their thumbprints.
import { decode, encode } from "../base64url.ts"
import { Invalid } from "../reader.ts"

/** An X.509 certificate as PEM, or an RSA public key with the thumbprint that assertions name it by. */
export type Certificate =
  | string
  | { readonly jwk: { readonly n?: string; readonly e?: string }; readonly "x5t#S256": string }

type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>

export interface Registered {
  /** Whether the header of an assertion means this certificate. */
  readonly matches: (header: ReadonlyMap<string, unknown>) => Promise<boolean>
  readonly key: (algorithm: "PS256" | "RS256") => Promise<Key>
  /** Epoch milliseconds. */
  readonly from: number
  readonly until: number
}

const algorithms = {
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
}

/** Throws `Invalid` for what is no certificate. */
export const readCertificate = (certificate: Certificate): Registered => {
  if (typeof certificate !== "string") {
    const { n, e } = certificate.jwk
    if (n === undefined || e === undefined) throw new Invalid("the JWK is no RSA public key")
    return {
      matches: async (header) => header.get("x5t#S256") === certificate["x5t#S256"],
      key: (algorithm) =>
        crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, algorithms[algorithm], false, [
          "verify"
        ]),
      from: Number.NEGATIVE_INFINITY,
      until: Number.POSITIVE_INFINITY
    }
  }
  const [, base64] =
    /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(certificate) ?? []
  const der = decode(
    (base64 ?? "-").replaceAll(/[\s=]/g, "").replaceAll("+", "-").replaceAll("/", "_")
  )
  const parts = der === undefined ? undefined : readDer(der)
  if (der === undefined || parts === undefined) throw new Invalid("no X.509 certificate as PEM")
  const thumbprint = async (hash: string) =>
    encode(new Uint8Array(await crypto.subtle.digest(hash, der)))
  return {
    matches: async (header) =>
      header.has("x5t#S256")
        ? header.get("x5t#S256") === (await thumbprint("SHA-256"))
        : header.get("x5t") === (await thumbprint("SHA-1")),
    key: (algorithm) =>
      crypto.subtle.importKey("spki", parts.spki, algorithms[algorithm], false, ["verify"]),
    from: parts.from,
    until: parts.until
  }
}

interface Node {
  readonly tag: number
  /** Where the tag stands, where its content begins and ends. */
  readonly at: number
  readonly from: number
  readonly until: number
}

const nodeAt = (der: Uint8Array, at: number): Node | undefined => {
  const tag = der[at]
  const first = der[at + 1]
  if (tag === undefined || first === undefined) return undefined
  const size = first < 0x80 ? 0 : first - 0x80
  if (size > 3) return undefined
  const length =
    size === 0 ? first : der.slice(at + 2, at + 2 + size).reduce((sum, byte) => sum * 256 + byte, 0)
  const from = at + 2 + size
  return from + length > der.length ? undefined : { tag, at, from, until: from + length }
}

const inside = (der: Uint8Array, parent: Node | undefined) => {
  const nodes: Array<Node> = []
  const until = parent?.until ?? 0
  let node = nodeAt(der, parent?.from ?? der.length)
  while (node !== undefined && node.until <= until) {
    nodes.push(node)
    node = nodeAt(der, node.until)
  }
  return nodes
}

/** Of `Certificate` in RFC 5280, section 4.1, what the login needs. */
const readDer = (der: Uint8Array<ArrayBuffer>) => {
  const [signed] = inside(der, nodeAt(der, 0))
  const fields = inside(der, signed).filter(({ tag }) => tag !== 0xa0)
  const [, , , validity, , spki] = fields
  const [from, until] = inside(der, validity).map((node) => readTime(der, node))
  if (spki === undefined || from === undefined || until === undefined) return undefined
  return { spki: der.slice(spki.at, spki.until), from, until }
}

const readTime = (der: Uint8Array, { tag, from, until }: Node) => {
  const digits = new TextDecoder().decode(der.slice(from, until))
  // A year of two digits is before 2050.
  const text = tag === 0x17 ? `${digits < "50" ? "20" : "19"}${digits}` : digits
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
}

export const makeCertificates = (initial: ReadonlyArray<Certificate>) => {
  const registered = initial.map(readCertificate)
  return {
    add: (certificate: Certificate) => registered.push(readCertificate(certificate)),
    find: async (header: ReadonlyMap<string, unknown>) => {
      for (const each of registered) if (await each.matches(header)) return each
      return undefined
    }
  }
}

export type Certificates = ReturnType<typeof makeCertificates>

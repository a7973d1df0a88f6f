// Requests made from the gateway's own document, each spoiled somewhere: whatever is sent, the answer is one
// that the document has, in the shape that it says, and never an error of the gateway's own.
import { Ajv2020 } from "ajv/dist/2020.js"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import {
  cleaningUp,
  freePort,
  gateway,
  jsonOf,
  keyring,
  messageOf,
  partnerCenter,
  raw,
  say
} from "./running.ts"

cleaningUp()

const contoso = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
const document = "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"

interface Parameter {
  readonly name: string
  readonly in: "path" | "query" | "header"
  readonly required?: boolean
  readonly schema: object
}
interface Referring {
  readonly $ref?: string
}
interface Answer {
  readonly headers?: Readonly<Record<string, unknown>>
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
interface Operation {
  readonly parameters?: ReadonlyArray<Parameter & Referring>
  readonly requestBody?: object
  readonly responses: Readonly<Record<string, Answer & Referring>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>
}

let api: Document
let ajv: Ajv2020
let port: number
let keys: { readonly all: string; readonly contoso: string }
let log: () => string

beforeAll(async () => {
  const upstream = await partnerCenter()
  const ring = keyring()
  keys = { all: await ring.add("all", "*"), contoso: await ring.add("contoso", contoso) }
  port = await freePort()
  const served = await gateway(upstream, port, ring.env)
  log = () => served.said.err
  const response = await fetch(`${served.url}/openapi.json`, {
    headers: { authorization: `Bearer ${keys.all}` }
  })
  api = await jsonOf<Document>(response)
  ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: "gateway", ...api })
})

/** A generator of numbers that begins the same every time. */
const chanceOf = (seed: number) => {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    one: <A>(list: ReadonlyArray<A>): A => {
      const found = list[Math.floor(next() * list.length)]
      if (found === undefined) throw new Error("an empty list")
      return found
    },
    upTo: (most: number) => Math.floor(next() * most),
    is: (share: number) => next() < share
  }
}
type Chance = ReturnType<typeof chanceOf>

const resolved = <A extends Referring>(value: A): A => {
  if (value.$ref === undefined) return value
  const [, , kind = "", name = ""] = value.$ref.split("/")
  // The document is the gateway's own; what it refers to is of the kind that is asked for.
  return api.components[kind]?.[name] as A
}

/** What a value of the parameter is that is right. */
const good: Readonly<Record<string, ReadonlyArray<string>>> = {
  customer: [contoso],
  order: [
    document,
    "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1",
    "nothing",
    "-k3Jt9wQz_XhN2rB7vLsM5yTgC8dPfUa1"
  ],
  reason: ["OrderNotFound", "Throttled", "Internal"],
  size: ["0", "1", "500"],
  filter: ['{"Field":"Domain","Value":"con","Operator":"starts_with"}'],
  seekOperation: ["Next", "First"],
  continuationToken: ["abc"],
  "MS-ContinuationToken": ["abc"],
  "If-None-Match": ['W/"x"', "*"],
  Prefer: ["wait=0", "respond-async, wait=1"],
  "Last-Event-ID": ['W/"x"'],
  "Cache-Control": ["no-cache", "max-age=5"]
}

const nasty = [
  "",
  " ",
  ".",
  "..",
  "../..",
  "..%2f",
  "%2e%2e%2f",
  "%2f",
  "%5c",
  "%00",
  "a%00b",
  "%0d%0aX: y",
  "%",
  "%zz",
  "%c0%ae",
  "%ed%a0%80",
  "%F0%9F%92%A9",
  "null",
  "undefined",
  "NaN",
  "true",
  "-1",
  "1.5",
  "1e9",
  "00",
  "9".repeat(40),
  "__proto__",
  "constructor",
  "toString",
  "*",
  "a,b",
  "a;b",
  "a&b=c",
  "a=b",
  "'",
  '"',
  "`",
  "<script>",
  "${7*7}",
  "x".repeat(64),
  "x".repeat(65),
  "x".repeat(5000),
  "ü",
  "名前",
  "\u202e",
  "💩",
  "\u00a0",
  "{}",
  "[]",
  '{"a":',
  "0x10",
  "wait=",
  "wait=-1",
  "wait=1e9",
  "wait=99999999999",
  'wait="',
  "max-age=",
  "max-age=-1",
  'W/"',
  '"',
  ",,,",
  ";;;"
]

const spoiled = (chance: Chance, value: string): string => {
  if (chance.is(0.5)) return chance.one(nasty)
  const at = chance.upTo(value.length + 1)
  const more = chance.one(nasty)
  return chance.one([
    value.slice(0, at) + more + value.slice(at),
    value.slice(0, at) + value.slice(at + 1),
    value + value,
    value.toUpperCase(),
    [...value].toReversed().join("")
  ])
}

/** Anything that JSON can be. */
const anything = (chance: Chance, depth = 0): unknown =>
  chance.one<() => unknown>([
    () => null,
    () => chance.is(0.5),
    () => chance.one([0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2]),
    () => chance.one(nasty),
    () => chance.one(["\ud800", "\u0000", "\uffff", "x".repeat(300)]),
    () =>
      depth > 3 ? [] : Array.from({ length: chance.upTo(5) }, () => anything(chance, depth + 1)),
    () =>
      depth > 3
        ? {}
        : Object.fromEntries(
            Array.from({ length: chance.upTo(4) }, () => [
              chance.one(["orders", "customerId", "orderId", "__proto__", "", "length", "toJSON"]),
              anything(chance, depth + 1)
            ])
          )
  ])()

const bodyOf = (chance: Chance): string => {
  const wanted = () => ({ customerId: contoso, orderId: chance.one(good["order"] ?? []) })
  const spoiledOne = () =>
    chance.one<unknown>([
      wanted(),
      anything(chance),
      { ...wanted(), orderId: anything(chance) },
      { ...wanted(), customerId: spoiled(chance, contoso) },
      { customerId: contoso },
      { ...wanted(), more: anything(chance) }
    ])
  const right = JSON.stringify({ orders: Array.from({ length: chance.upTo(4) }, wanted) })
  return chance.one<() => string>([
    () => right,
    () => JSON.stringify({ orders: Array.from({ length: chance.upTo(6) }, spoiledOne) }),
    () => JSON.stringify({ orders: anything(chance) }),
    () => JSON.stringify(anything(chance)) ?? "",
    () => right.slice(0, chance.upTo(right.length)),
    () => `\uFEFF${right}`,
    () => "[".repeat(chance.one([10, 30_000])),
    () => `{"orders":[],"orders":${right}}`,
    () => JSON.stringify({ orders: Array.from({ length: 101 }, wanted) }),
    () => "x".repeat(chance.one([65_536, 65_537]))
  ])()
}

interface Sent {
  readonly bytes: Buffer
  readonly what: string
}

const bytesOf = (
  line: string,
  headers: ReadonlyArray<readonly [string, string]>,
  body?: Buffer
): Sent => {
  const fields = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")
  const head = `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n${fields}\r\n`
  return {
    // A header with a character beyond one byte is sent as its UTF-8.
    bytes: Buffer.concat([Buffer.from(head), body ?? Buffer.alloc(0)]),
    what: `${head}${body?.subarray(0, 400).toString() ?? ""}`.slice(0, 2000)
  }
}

const request = (
  chance: Chance,
  path: string,
  method: string,
  operation: Operation | undefined
) => {
  const isSpoiled = () => chance.is(0.35)
  const valueOf = ({ name }: Parameter) => {
    const value = chance.one(good[name] ?? [""])
    return isSpoiled() ? spoiled(chance, value) : value
  }
  const parameters = (operation?.parameters ?? []).map(resolved)
  const sent = parameters.filter(({ required }) => required === true || chance.is(0.4))
  // What a path may not have in it as it is; the rest is sent as it was made.
  const inPath = (text: string) => text.replace(/[\s?#\u007f]/g, encodeURIComponent)
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    inPath(
      isSpoiled() ? spoiled(chance, chance.one(good[name] ?? [""])) : chance.one(good[name] ?? [""])
    )
  )
  const query = sent
    .filter((parameter) => parameter.in === "query")
    .flatMap((parameter) => {
      const value = valueOf(parameter)
      const pair = `${parameter.name}=${chance.is(0.7) ? encodeURIComponent(value.toWellFormed()) : inPath(value)}`
      return chance.is(0.05) ? [pair, pair] : [pair]
    })
  // The same for headers: no line may end in one.
  const headers = sent
    .filter((parameter) => parameter.in === "header")
    .map((parameter) => [parameter.name, valueOf(parameter).replace(/[\r\n\0]/g, "")] as const)
  const key = chance.one([keys.all, keys.all, keys.all, keys.contoso])
  const all: Array<readonly [string, string]> = [["Authorization", `Bearer ${key}`], ...headers]
  if (chance.is(0.03)) all[0] = ["Authorization", spoiled(chance, `Bearer ${key}`)]
  if (chance.is(0.1))
    all.push([
      "Accept",
      chance.one(["*/*", "text/html", "application/*;q=0", "x", ";;,", "application/json;q=0.1"])
    ])
  if (chance.is(0.1))
    all.push([
      "traceparent",
      chance
        .one(["00-x", `00-${"0".repeat(32)}-${"0".repeat(16)}-01`, ...nasty])
        .replace(/[\r\n]/g, "")
    ])
  if (chance.is(0.1)) all.push(["X-Request-Id", chance.one(nasty)])
  if (chance.is(0.05)) all.push(["Origin", chance.one(nasty)])
  let body: Buffer | undefined
  if (method === "POST" || chance.is(0.05)) {
    const text = bodyOf(chance)
    body = chance.is(0.05)
      ? Buffer.from([0xff, 0xfe, ...Buffer.from(text.slice(0, 50))])
      : Buffer.from(text)
    all.push(["Content-Length", String(body.length)])
    if (chance.is(0.95))
      all.push([
        "Content-Type",
        chance.is(0.9)
          ? "application/json"
          : chance.one(["text/plain", "application/json; charset=utf-16", ...nasty])
      ])
    if (chance.is(0.03)) all.push(["Content-Encoding", chance.one(["gzip", "br", "x"])])
  }
  return bytesOf(`${method} ${target}${query.length === 0 ? "" : `?${query.join("&")}`}`, all, body)
}

const problem = () => ajv.getSchema("gateway#/components/schemas/Problem")

const isValid = (pointer: string, value: unknown, what: string) => {
  const validate = ajv.getSchema(`gateway#${pointer}`)
  assert.isDefined(validate, pointer)
  assert.isTrue(validate?.(value), `${what}\n${ajv.errorsText(validate?.errors)}`)
}

const escaped = (part: string) =>
  encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))

/** Asks, and holds the answer against the document. */
const judge = async (
  { bytes, what }: Sent,
  path: string,
  method: string,
  operation: Operation | undefined
) => {
  const isWhole = (text: string) => /^content-type: text\/event-stream/im.test(text)
  const { text } = await raw(port, bytes, { within: 8000, every: 0, until: isWhole })
  const { body, headers, status } = messageOf(text)
  const about = `${what}\n→ ${text.slice(0, 1500)}`
  assert.isAbove(status, 0, about)
  assert.notStrictEqual(status, 500, about)
  assert.notInclude(body, '"Internal"', about)
  const type = (headers["content-type"] ?? "").split(";")[0] ?? ""
  if (status >= 400 && method !== "HEAD" && !(path === "/readyz" && status === 503)) {
    assert.strictEqual(type, "application/problem+json", about)
    const value = JSON.parse(body)
    const validate = problem()
    assert.isTrue(validate?.(value), `${about}\n${ajv.errorsText(validate?.errors)}`)
    assert.strictEqual(value.status, status, about)
    if (status === 429 || "retryAfter" in value)
      assert.match(headers["retry-after"] ?? "", /^\d+$/, about)
    if (status === 405) assert.isDefined(headers["allow"], about)
    if (status === 401) assert.match(headers["www-authenticate"] ?? "", /^Bearer /, about)
  }
  // Refused by the parser, or as another path, or by what every server may say.
  if (operation === undefined || [400, 404, 405, 408, 431].includes(status)) return status
  const answer = operation.responses[String(status)]
  assert.isDefined(answer, `${about}\nis not of the document`)
  const found = resolved(answer ?? {})
  if (method === "HEAD" || found.content === undefined) return status
  assert.property(found.content, type, about)
  if (!type.endsWith("json")) return status
  const pointer =
    answer?.$ref === undefined
      ? `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`
      : answer.$ref.slice(1)
  isValid(`${pointer}/content/${escaped(type)}/schema`, JSON.parse(body), about)
  return status
}

const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "QUERY"
]
const rounds = Number(process.env["FUZZ_ROUNDS"] ?? 120)

describe("requests made from the document and spoiled", () => {
  it("are each answered as the document says, and never by an error of the gateway's own", async () => {
    const seen = new Map<string, number>()
    const all = Object.entries(api.paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, operation]) => [path, method.toUpperCase(), operation] as const
      )
    )
    assert.isAbove(all.length, 10)
    const chance = chanceOf(Number(process.env["FUZZ_SEED"] ?? 20_261_122))
    const waiting: Array<() => Promise<void>> = []
    for (const [path, method, operation] of all) {
      // The page is large, and takes nothing.
      for (let round = 0; round < (path === "/docs" ? 3 : rounds); round++) {
        const sent = request(chance, path, method, operation)
        waiting.push(async () => {
          const status = await judge(sent, path, method, operation)
          seen.set(`${status}`, (seen.get(`${status}`) ?? 0) + 1)
        })
      }
    }
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next()
      })
    )
    say(
      [...seen]
        .toSorted()
        .map(([status, count]) => `${status}: ${count}`)
        .join(", ")
    )
    for (const status of ["200", "400", "404"]) assert.isTrue(seen.has(status), status)
    assert.notMatch(log(), /"level":"(?:ERROR|FATAL)"/)
  })

  it("are refused by every method that the document does not have", async () => {
    const chance = chanceOf(7)
    for (const [path, item] of Object.entries(api.paths)) {
      for (const method of methods.filter((name) => !(name.toLowerCase() in item))) {
        if (method === "HEAD" && "get" in item) continue
        const sent = request(chance, path, method, undefined)
        const status = await judge(sent, path, method, undefined)
        assert.include([400, 401, 403, 404, 405, 415], status, sent.what)
      }
    }
  })

  it("with ids of any kind are refused before Partner Center is asked", async () => {
    const ids = [
      ...nasty.filter(
        (id) => !/^[\w-]{1,64}$/.test(decodeURIComponent(/%(?:zz|$|c0|ed)/i.test(id) ? "%25" : id))
      ),
      "a/b",
      "%2e",
      "%2E%2E",
      "a%2fb"
    ]
    for (const id of ids) {
      const inPath = id.replace(/[\s?#]/g, encodeURIComponent)
      for (const last of ["", "/provisioningstatus", "/report", "/events"]) {
        const sent = bytesOf(`GET /v1/customers/${contoso}/orders/${inPath}${last}`, [
          ["Authorization", `Bearer ${keys.all}`]
        ])
        const { text } = await raw(port, sent.bytes, { within: 3000 })
        const { body, status } = messageOf(text)
        // An id that is none at all makes it another path.
        if (status === 200) assert.strictEqual(inPath, "", sent.what)
        else assert.include([400, 404, 421], status, `${sent.what}\n${text}`)
        if (status >= 400) assert.isTrue(problem()?.(JSON.parse(body)), text)
      }
    }
  })
})

// Bytes on a socket that no well-meant client sends: nothing gets past the parser, nothing stays open, and
// whoever comes after is served.
import { connect } from "node:net"
import type { Socket } from "node:net"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import {
  answersIn,
  cleaningUp,
  freePort,
  gateway,
  gauge,
  messageOf,
  partnerCenter,
  pause,
  raw
} from "./running.ts"
import type { Raw, Upstream } from "./running.ts"

cleaningUp()

let upstream: Upstream
let port: number
let url: string

beforeAll(async () => {
  upstream = await partnerCenter()
  port = await freePort()
  const served = await gateway(upstream, port, { ORDERWATCH_GATEWAY_DEADLINE: "3s" })
  url = served.url
})

const contoso = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
const document = "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"
const host = () => `Host: 127.0.0.1:${port}\r\n`
/** What must never be answered: it stands in the body of the request before it. */
const smuggled = () => `GET /livez?smuggled HTTP/1.1\r\n${host()}\r\n`
const json = "Content-Type: application/json\r\n"

const isProblem = ({ text }: Raw, status: number, reason?: string) => {
  const { body, headers, status: said } = messageOf(text)
  assert.strictEqual(said, status, text)
  assert.strictEqual(headers["content-type"], "application/problem+json", text)
  const problem = JSON.parse(body)
  assert.strictEqual(problem.status, status)
  assert.isString(problem.requestId)
  assert.strictEqual(headers["x-request-id"], problem.requestId, text)
  if (reason !== undefined) assert.strictEqual(problem.reason, reason)
}

const isAlive = async () => assert.strictEqual((await fetch(`${url}/livez`)).status, 200)

describe("a request in a request", () => {
  const shapes: ReadonlyArray<readonly [string, () => string]> = [
    [
      "a length and chunks",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "chunks and a length",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n${smuggled()}\r\n0\r\n\r\n`
    ],
    [
      "two lengths",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${smuggled()}`
    ],
    [
      "the same length twice",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}${smuggled()}`
    ],
    [
      "a list of lengths",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 2, 2\r\n\r\n{}${smuggled()}`
    ],
    ...["+2", "-2", "0x2", "2.0", "2 2", "", "99999999999999999999999"].map(
      (length) =>
        [
          `a length of "${length}"`,
          () =>
            `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: ${length}\r\n\r\n{}${smuggled()}`
        ] as const
    ),
    ...[
      "xchunked",
      "chunked, identity",
      "identity",
      "chunked, chunked",
      "gzip",
      "\u000bchunked",
      "chunked\u0000"
    ].map(
      (coding) =>
        [
          `the transfer coding "${encodeURI(coding)}"`,
          () =>
            `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n${smuggled()}`
        ] as const
    ),
    [
      "two transfer codings",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "chunks of HTTP/1.0",
      () =>
        `POST /v1/reports HTTP/1.0\r\n${host()}${json}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "a space before the colon",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "a folded header",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "a line feed alone between headers",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "a carriage return alone between headers",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "line feeds alone everywhere",
      () =>
        `POST /v1/reports HTTP/1.1\nHost: 127.0.0.1:${port}\nContent-Length: 44\n\n${smuggled()}`
    ],
    [
      "a line feed alone after the size of a chunk",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "a chunk longer than it says",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\n\r\n2\r\n{}${smuggled()}0\r\n\r\n`
    ],
    [
      "a size of a chunk beyond all bounds",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n${smuggled()}`
    ],
    [
      "a NUL in a header's name",
      () => `POST /v1/reports HTTP/1.1\r\n${host()}Content\u0000-Length: 44\r\n\r\n${smuggled()}`
    ],
    ["a header without a name", () => `GET /livez HTTP/1.1\r\n${host()}: x\r\n\r\n${smuggled()}`],
    [
      "a header without a colon",
      () => `GET /livez HTTP/1.1\r\n${host()}Transfer-Encoding\r\n\r\n${smuggled()}`
    ]
  ]

  it.each(shapes)("with %s is refused, and the connection with it", async (_, bytes) => {
    const answer = await raw(port, bytes(), { within: 5000 })
    assert.isTrue(answer.isClosed, answer.text)
    assert.isAtMost(answersIn(answer.text), 1, answer.text)
    assert.notInclude(answer.text, "alive\n")
    const { status } = messageOf(answer.text)
    assert.include([400, 413], status, answer.text)
    isProblem(answer, status)
  })

  it("whose body nobody wanted is not taken for the next request", async () => {
    // Refused before its body is read: by its path, its host, its type, its length.
    const bodies = ["/nowhere", "/livez", "/v1/customers", "/v1/reports"].map(
      (path) =>
        `POST ${path} HTTP/1.1\r\n${host()}Content-Type: text/plain\r\nContent-Length: ${smuggled().length}\r\n\r\n${smuggled()}`
    )
    for (const bytes of [
      ...bodies,
      `GET /v1/nothing HTTP/1.1\r\n${host()}Content-Length: ${smuggled().length}\r\n\r\n${smuggled()}`,
      `POST /v1/reports HTTP/1.1\r\nHost: evil.example\r\n${json}Content-Length: ${smuggled().length}\r\n\r\n${smuggled()}`
    ]) {
      const answer = await raw(port, bytes, { within: 400 })
      assert.strictEqual(answersIn(answer.text), 1, answer.text)
      assert.notInclude(answer.text, "alive\n")
    }
  })
})

describe("what is not the HTTP that is spoken here", () => {
  const shapes: ReadonlyArray<readonly [string, () => string, number]> = [
    ["nothing that is HTTP", () => "\u0016\u0003\u0001\u0002\u0000\u0001hello\r\n\r\n", 400],
    ["HTTP/2 with prior knowledge", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    ["HTTP/0.9", () => "GET /livez\r\n\r\n", 400],
    ["HTTP/3.7", () => `GET /livez HTTP/3.7\r\n${host()}\r\n`, 400],
    ["a method that nobody knows", () => `BREW /livez HTTP/1.1\r\n${host()}\r\n`, 400],
    ["a method in small letters", () => `get /livez HTTP/1.1\r\n${host()}\r\n`, 400],
    ["a space in the path", () => `GET /livez x HTTP/1.1\r\n${host()}\r\n`, 400],
    ["a path that does not begin with a slash", () => `GET livez HTTP/1.1\r\n${host()}\r\n`, 400],
    ["a NUL in the path", () => `GET /livez\u0000 HTTP/1.1\r\n${host()}\r\n`, 400],
    ["no Host", () => "GET /v1/customers HTTP/1.1\r\n\r\n", 400],
    [
      "a Host with a path",
      () => `GET /v1/customers HTTP/1.1\r\nHost: 127.0.0.1:${port}/x\r\n\r\n`,
      400
    ],
    [
      "a Host with a user",
      () => `GET /v1/customers HTTP/1.1\r\nHost: a@127.0.0.1:${port}\r\n\r\n`,
      400
    ],
    ["an empty Host", () => "GET /v1/customers HTTP/1.1\r\nHost: \r\n\r\n", 400],
    ["another Host", () => "GET /v1/customers HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421],
    [
      "a rebound Host",
      () => `GET /v1/customers HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`,
      421
    ],
    [
      "two Hosts, the bad one last",
      () => `GET /v1/customers HTTP/1.1\r\n${host()}Host: evil.example\r\n\r\n`,
      421
    ],
    [
      "two Hosts, the bad one first",
      () => `GET /v1/customers HTTP/1.1\r\nHost: evil.example\r\n${host()}\r\n`,
      421
    ],
    [
      "an address of another host in the request line",
      () => `GET http://evil.example/v1/customers HTTP/1.1\r\n${host()}\r\n`,
      421
    ],
    [
      "our address in the request line, and another Host",
      () => `GET http://127.0.0.1:${port}/v1/customers HTTP/1.1\r\nHost: evil.example\r\n\r\n`,
      421
    ],
    ["an address of no web", () => `GET file:///etc/passwd HTTP/1.1\r\n${host()}\r\n`, 400],
    ["an asterisk", () => `OPTIONS * HTTP/1.1\r\n${host()}\r\n`, 400],
    ["TRACE", () => `TRACE /v1/customers HTTP/1.1\r\n${host()}\r\n`, 405],
    [
      "headers larger than 16 KiB",
      () => `GET /livez HTTP/1.1\r\n${host()}X: ${"x".repeat(17_000)}\r\n\r\n`,
      431
    ],
    [
      "many headers",
      () =>
        `GET /livez HTTP/1.1\r\n${host()}${Array.from({ length: 3000 }, (_, at) => `X${at}: y\r\n`).join("")}\r\n`,
      431
    ],
    [
      "a path larger than 16 KiB",
      () => `GET /${"x".repeat(17_000)} HTTP/1.1\r\n${host()}\r\n`,
      431
    ],
    [
      "a length larger than 64 KiB",
      () => `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 70000\r\n\r\n{`,
      413
    ],
    [
      "chunks of more than 64 KiB",
      () =>
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\n\r\n${`2710\r\n${"x".repeat(10_000)}\r\n`.repeat(8)}`,
      413
    ]
  ]

  it.each(shapes)("%s is refused as a problem", async (_, bytes, status) => {
    const answer = await raw(port, bytes(), { within: 1500, until: (text) => text.endsWith("}") })
    isProblem(answer, status)
    assert.notInclude(answer.text, "items")
    await isAlive()
  })

  it("who expects more than is to be had gets the answer", async () => {
    for (const expected of ["100-continue", "tea"]) {
      const { text } = await raw(
        port,
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Expect: ${expected}\r\nContent-Length: 13\r\n\r\n{"orders":[]}`,
        { within: 1500, until: (text) => text.endsWith("}") }
      )
      assert.match(text, /HTTP\/1\.1 200 OK\r\n[\s\S]*\{"results":\[\]\}$/)
    }
  })

  it("CONNECT and upgrades lead nowhere", async () => {
    const tunnel = await raw(port, `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${host()}\r\n`, {
      within: 1000
    })
    assert.notMatch(tunnel.text, /^HTTP\/1\.1 [12]/)
    for (const to of ["websocket", "h2c"]) {
      const upgrade = await raw(
        port,
        `GET /v1/customers HTTP/1.1\r\n${host()}Connection: Upgrade\r\nUpgrade: ${to}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
        { within: 1000 }
      )
      assert.notMatch(upgrade.text, /^HTTP\/1\.1 101/)
    }
    await isAlive()
  })
})

describe("a page of another origin", () => {
  const pages: ReadonlyArray<readonly [string, string]> = [
    ["of another site", "Sec-Fetch-Site: cross-site\r\n"],
    ["of the same site", "Sec-Fetch-Site: same-site\r\n"],
    ["of an older browser", "Origin: https://evil.example\r\n"],
    ["in a sandbox", "Origin: null\r\n"],
    ["on another port of this machine", "Origin: http://127.0.0.1:3000\r\n"]
  ]
  it.each(pages)("%s is told nothing, on any path", async (_, header) => {
    const path = `/v1/customers/${contoso}/orders/${document}`
    for (const line of [
      "GET /v1/customers",
      `GET ${path}`,
      `GET ${path}/report`,
      `GET ${path}/events`,
      "GET /metrics",
      "GET /openapi.json",
      "GET /nowhere"
    ]) {
      const answer = await raw(
        port,
        `${line} HTTP/1.1\r\n${host()}${header}Connection: close\r\n\r\n`
      )
      isProblem(answer, 403, "CrossSite")
      assert.notMatch(answer.text, /access-control-/i)
    }
    const posted = await raw(
      port,
      `POST /v1/reports HTTP/1.1\r\n${host()}${header}${json}Content-Length: 13\r\nConnection: close\r\n\r\n{"orders":[]}`
    )
    isProblem(posted, 403, "CrossSite")
    const asked = await raw(
      port,
      `OPTIONS /v1/reports HTTP/1.1\r\n${host()}${header}Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n`
    )
    isProblem(asked, 403, "CrossSite")
  })
})

describe("whoever takes their time", () => {
  it("to send headers is answered 408 after ten seconds, and a body 408 or 504 within the deadline", async () => {
    const slow = (pieces: ReadonlyArray<string>) =>
      raw(port, pieces, { every: 1000, within: 16_000 })
    const drops = Array.from({ length: 20 }, (_, at) => `X${at}: y\r\n`)
    const body = Array.from({ length: 20 }, () => " ")
    const [headers, silent, slowBody, chunks] = await Promise.all([
      slow([`GET /livez HTTP/1.1\r\n${host()}`, ...drops]),
      slow([`GET /livez HTTP/1.1\r\n${host()}`]),
      slow([`POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 100\r\n\r\n`, ...body]),
      slow([
        `POST /v1/reports HTTP/1.1\r\n${host()}${json}Transfer-Encoding: chunked\r\n\r\n`,
        ...body.map(() => "1\r\n \r\n")
      ])
    ])
    for (const answer of [headers, silent]) {
      isProblem(answer, 408, "RequestTimedOut")
      assert.isTrue(answer.isClosed)
      assert.isBelow(answer.millis, 13_000)
    }
    for (const answer of [slowBody, chunks]) isProblem(answer, 504, "TimedOut")
    await isAlive()
  })

  it("and hundreds of them keep nobody else from being served", async () => {
    const sockets: Array<Socket> = []
    for (let at = 0; at < 300; at++) {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.write(`POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 100\r\n\r\n{`)
      sockets.push(socket)
    }
    await pause(300)
    await isAlive()
    // They are still waited for: it was not served because they are gone.
    assert.isTrue(sockets.every((socket) => !socket.destroyed))
    for (const socket of sockets) socket.destroy()
  })
})

describe("streams", () => {
  const streams = () => gauge(url, "orderwatch_gateway_streams")
  const followers = () => gauge(url, "orderwatch_followers")
  const events = `GET /v1/customers/f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19/orders/Slow-TestOrder_PendingForEver0001/events HTTP/1.1\r\n`

  it.each([
    ["said that they will not send any more", (socket: Socket) => void socket.end()],
    ["reset their connection", (socket: Socket) => void socket.resetAndDestroy()],
    ["went away without reading", (socket: Socket) => void socket.pause().destroy()]
  ])("of clients that %s are gone soon", async (_, leave) => {
    const sockets = Array.from({ length: 20 }, () => {
      const socket = connect(port, "127.0.0.1")
      socket.on("error", () => {})
      socket.write(`${events}${host()}\r\n`)
      return socket
    })
    for (let tries = 0; (await streams()) < 20; tries++) {
      assert.isBelow(tries, 100)
      await pause(20)
    }
    for (const socket of sockets) leave(socket)
    for (let tries = 0; (await streams()) + (await followers()) > 0; tries++) {
      assert.isBelow(tries, 150)
      await pause(20)
    }
    for (const socket of sockets) socket.destroy()
  })
})

describe("requests one after the other on a connection, all sent at once", () => {
  it("are answered in their order, each whole", async () => {
    const path = `/v1/customers/${contoso}/orders/${document}`
    const lines = [
      "/livez",
      path,
      `${path}/report`,
      "/nowhere",
      "/readyz",
      `${path}/provisioningstatus`,
      "/v1/customers"
    ]
    const bytes = lines.map((line) => `GET ${line} HTTP/1.1\r\n${host()}\r\n`).join("")
    const { text } = await raw(port, bytes, { within: 1500 })
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)
    assert.deepStrictEqual(statuses, ["200", "200", "200", "404", "200", "200", "200"])
    const order = [
      "alive\n",
      '"id":',
      '"verdict"',
      "RouteNotFound",
      "degraded",
      '"totalCount":1',
      '"totalCount":12'
    ]
    const places = order.map((word) => text.indexOf(word))
    assert.deepStrictEqual(
      places,
      places.toSorted((a, b) => a - b)
    )
    assert.isAbove(places[0] ?? -1, 0)
  })

  it("with an upload that is refused in the middle end there, or go on in their order", async () => {
    const first = `POST /v1/reports HTTP/1.1\r\n${host()}${json}Content-Length: 70000\r\n\r\n${"x".repeat(70_000)}`
    const { text } = await raw(port, `${first}GET /livez HTTP/1.1\r\n${host()}\r\n`, {
      within: 1500
    })
    assert.match(text, /^HTTP\/1\.1 413 /)
    const [, next] = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)
    assert.include([undefined, "200"], next)
  })
})

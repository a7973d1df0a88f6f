import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpPool from "../src/HttpPool.ts"
import { web } from "./sockets.ts"

const pool = Effect.map(HttpClient.HttpClient, (client) => client.execute)
const over = Effect.provide(HttpPool.layer)

describe("the pool", () => {
  it.live("gives an answer's status, headers and body, in every form", () =>
    Effect.gen(function* () {
      const server = yield* web((_, response) => {
        response.setHeader("set-cookie", ["a=b", "c=d"])
        response.writeHead(201, { "Content-Type": "application/json", "MS-CV": "cv.0" })
        response.end('{"é":1}')
      })
      const execute = yield* pool
      const ask = execute(HttpClientRequest.get(`${server.url}/a?b=c`))
      const response = yield* ask
      assert.strictEqual(response.status, 201)
      assert.strictEqual(response.headers["ms-cv"], "cv.0")
      assert.strictEqual(yield* response.text, '{"é":1}')
      assert.strictEqual(yield* response.text, '{"é":1}')
      assert.deepStrictEqual(yield* response.json, { é: 1 })
      assert.strictEqual((yield* response.arrayBuffer).byteLength, 8)
      const chunks = yield* Stream.runCollect((yield* ask).stream)
      assert.strictEqual(Buffer.concat(chunks).toString(), '{"é":1}')
      assert.deepStrictEqual(server.asked, ["GET /a?b=c", "GET /a?b=c"])
      assert.include(JSON.stringify(response), '"status":201')
    }).pipe(over)
  )

  it.live("asks for what the address means, whatever was asked for before", () =>
    Effect.gen(function* () {
      const servers = [
        yield* web((_, response) => response.end("one")),
        yield* web((_, response) => response.end("other"))
      ]
      const execute = yield* pool
      const paths = [
        "/v1/a-b_c/D",
        "/v1/a-b_c/D/",
        "/a/../b",
        "/a/%2e%2e/b",
        "/a/..",
        "//a//b",
        "/ä ö",
        "/a%20b",
        "/a?b=c/d",
        "/a#b",
        "?a/b",
        "\\a/b",
        "/",
        "",
        "/v1/a"
      ]
      for (const path of paths) {
        for (const { asked, url } of servers) {
          asked.length = 0
          for (const before of [[], [`${url}/plain`], ["http://127.0.0.1:9/"]]) {
            for (const address of before)
              yield* Effect.exit(execute(HttpClientRequest.get(address)))
            yield* execute(HttpClientRequest.get(url + path))
          }
          const { pathname, search } = new URL(url + path)
          const meant = `GET ${pathname}${search}`
          assert.deepStrictEqual(asked, [meant, "GET /plain", meant, meant])
        }
      }
      const [first] = servers
      const withQuery = HttpClientRequest.get(`${first?.url}/v1/a`).pipe(
        HttpClientRequest.setUrlParam("b", "c d")
      )
      yield* execute(withQuery)
      assert.strictEqual(first?.asked.at(-1), "GET /v1/a?b=c+d")
    }).pipe(over)
  )

  it.live("sends a body, and reads one that has nothing in it", () =>
    Effect.gen(function* () {
      const bodies: Array<string> = []
      const server = yield* web((request, response) => {
        let body = ""
        request.on("data", (chunk) => (body += chunk))
        request.on("end", () => {
          bodies.push(body)
          response.writeHead(204).end()
        })
      })
      const execute = yield* pool
      const form = HttpClientRequest.post(server.url).pipe(
        HttpClientRequest.bodyUrlParams({ grant_type: "refresh_token", scope: "ü" })
      )
      assert.strictEqual(yield* Effect.flatMap(execute(form), ({ text }) => text), "")
      assert.deepStrictEqual(bodies, ["grant_type=refresh_token&scope=%C3%BC"])
      const stream = HttpClientRequest.post(server.url).pipe(
        HttpClientRequest.bodyStream(Stream.make(new Uint8Array(1)))
      )
      assert.strictEqual((yield* Effect.flip(execute(stream))).reason._tag, "EncodeError")
    }).pipe(over)
  )

  it.live("gives a body that comes in pieces as one", () =>
    Effect.gen(function* () {
      const piece = "x".repeat(100_000)
      const server = yield* web((_, response) => {
        response.writeHead(200)
        let left = 20
        const next = () => {
          left -= 1
          if (left === 0) response.end("end")
          else response.write(piece, () => setImmediate(next))
        }
        next()
      })
      const execute = yield* pool
      const text = yield* Effect.flatMap(execute(HttpClientRequest.get(server.url)), (r) => r.text)
      assert.strictEqual(text.length, 19 * piece.length + 3)
      assert.isTrue(text.endsWith("xend"))
    }).pipe(over)
  )

  it.live(
    "gives the headers of an answer whose body is cut short, and says why there is none",
    () =>
      Effect.gen(function* () {
        const server = yield* web((_, response) => {
          response.writeHead(200, { "content-length": "100", "ms-cv": "cv.1" })
          response.write("half")
          setImmediate(() => response.destroy())
        })
        const execute = yield* pool
        const response = yield* execute(HttpClientRequest.get(server.url))
        assert.strictEqual(response.headers["ms-cv"], "cv.1")
        const error = yield* Effect.flip(response.text)
        assert.strictEqual(error.reason._tag, "DecodeError")
        assert.strictEqual((yield* Effect.flip(response.text)).reason._tag, "DecodeError")
      }).pipe(over)
  )

  it.live("is read by two at once, and ends with the last of them", () =>
    Effect.gen(function* () {
      const server = yield* web((_, response) => {
        response.writeHead(200)
        response.write("half")
        setImmediate(() => response.end(" and half"))
      })
      const execute = yield* pool
      const { text } = yield* execute(HttpClientRequest.get(server.url))
      const first = yield* Effect.forkChild(text, { startImmediately: true })
      const both = yield* Effect.forkChild(Effect.all([text, text], { concurrency: 2 }), {
        startImmediately: true
      })
      yield* Fiber.interrupt(first)
      assert.deepStrictEqual(yield* Fiber.join(both), ["half and half", "half and half"])
    }).pipe(over)
  )

  it.live("lets who reads in pieces stop, whatever else would come", () =>
    Effect.gen(function* () {
      const gone = yield* Deferred.make<void>()
      let sent = 0
      const server = yield* web((request, response) => {
        request.socket.once("close", () => Deferred.doneUnsafe(gone, Effect.void))
        response.writeHead(200)
        const more = () => {
          sent += 65_536
          if (!response.destroyed) response.write("x".repeat(65_536), () => setImmediate(more))
        }
        more()
      })
      const execute = yield* pool
      const { stream } = yield* execute(HttpClientRequest.get(server.url))
      let size = 0
      const stopped = Stream.runForEach(stream, (chunk) => {
        size += chunk.length
        return size > 200_000 ? Effect.fail("enough") : Effect.void
      })
      assert.strictEqual(yield* Effect.flip(stopped), "enough")
      yield* Deferred.await(gone)
      assert.isBelow(sent, 32_000_000)
    }).pipe(over)
  )

  it.live("gives a body that comes with a status that should have none", () =>
    Effect.gen(function* () {
      const server = yield* web((_, response) => response.writeHead(205).end("{}"))
      const execute = yield* pool
      const response = yield* execute(HttpClientRequest.get(server.url))
      assert.strictEqual(response.status, 205)
      assert.deepStrictEqual(yield* response.json, {})
    }).pipe(over)
  )

  it.live("says that there is no connection, by the system's word", () =>
    Effect.gen(function* () {
      const execute = yield* pool
      const error = yield* Effect.flip(execute(HttpClientRequest.get("http://127.0.0.1:9/")))
      assert.strictEqual(error.reason._tag, "TransportError")
      assert.include(JSON.stringify(error.reason.cause), "ECONNREFUSED")
    }).pipe(over)
  )

  it.live.each(["nothing", "a half"])(
    "hangs up when nobody waits any more, after %s of the answer",
    (what) =>
      Effect.gen(function* () {
        const begun = yield* Deferred.make<void>()
        const read = yield* Deferred.make<void>()
        const gone = yield* Deferred.make<void>()
        const server = yield* web((request, response) => {
          request.socket.once("close", () => Deferred.doneUnsafe(gone, Effect.void))
          if (what === "a half") response.writeHead(200, { "content-length": "9" }).write("half")
          Deferred.doneUnsafe(begun, Effect.void)
        })
        const execute = yield* pool
        const asked = execute(HttpClientRequest.get(server.url))
        const fiber = yield* Effect.forkChild(
          Effect.flatMap(asked, ({ text }) =>
            Effect.andThen(Deferred.succeed(read, undefined), text)
          )
        )
        yield* Deferred.await(begun)
        if (what === "a half") yield* Deferred.await(read)
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(gone)
      }).pipe(over)
  )

  it.live("keeps its connections", () =>
    Effect.gen(function* () {
      const sockets = new Set<unknown>()
      const server = yield* web((request, response) => {
        sockets.add(request.socket)
        response.setHeader("keep-alive", "timeout=60")
        response.end("ok")
      })
      const execute = yield* pool
      for (let count = 0; count < 5; count++) {
        yield* Effect.flatMap(execute(HttpClientRequest.get(server.url)), ({ text }) => text)
      }
      // One is still being given back when the next request goes out.
      assert.isAtMost(sockets.size, 2)
    }).pipe(over)
  )
})

import { execFile, spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId, sameId } from "@orderwatch/core/Order"
import { acting } from "@orderwatch/core/text"
import { Effect, Schema } from "effect"
import { isEmpty, orderKey, parse } from "../src/orderList.ts"
import { open } from "./terminal.ts"

const contoso = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
const fabrikam = "4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04"

const utf8 = (text: string) => new TextEncoder().encode(text)
const parsed = (
  text: string | Uint8Array
): Effect.Effect<{
  readonly malformed: ReadonlyArray<unknown>
  readonly orders: ReadonlyArray<string>
}> =>
  Effect.map(parse(typeof text === "string" ? utf8(text) : text), ({ malformed, orders }) => ({
    malformed,
    orders: orders.map(
      ({ customer, line, orderId }) =>
        `${line} ${customer._tag === "Id" ? customer.id : customer.domain} ${orderId}`
    )
  }))
const pretty = (value: unknown) => JSON.stringify(value, null, 2)

interface Case {
  readonly list: string
  readonly text: string | Uint8Array
  readonly orders: ReadonlyArray<string>
}

describe("a list of orders", () => {
  const understood: ReadonlyArray<Case> = [
    {
      list: "words, comments and blank lines",
      text: `# Mine\n\n  ${contoso}\t  a1  \r\n  # not ${contoso} b\r\ncontoso.com b2`,
      orders: [`3 ${contoso} a1`, "5 contoso.com b2"]
    },
    {
      list: "words under a header, the order first",
      text: `orderId customerId\na1 ${contoso}`,
      orders: [`2 ${contoso} a1`]
    },
    {
      list: "commas and blanks without a header",
      text: `${contoso}, a1\n${contoso} , "b2"\n${contoso} c3\n`,
      orders: [`1 ${contoso} a1`, `2 ${contoso} b2`, `3 ${contoso} c3`]
    },
    {
      list: "semicolons, with a comma in a name",
      text: `Firma;Microsoft-ID;Order ID\nContoso, Ltd, Inc;${contoso};a1\n;;\n`,
      orders: [`2 ${contoso} a1`]
    },
    {
      list: "tabs, with empty cells",
      text: `Company\tPrimary domain name\tCustomer tenant ID\tORDER_NO\n\tcontoso.com\t\ta1\nX\tcontoso.com\t${contoso}\tb2`,
      orders: ["2 contoso.com a1", `3 ${contoso} b2`]
    },
    {
      list: "quoted cells with everything in them",
      text: `"Notes","CustomerId","PartnerTenantId","OrderId"\n"a ""b"",\n# no comment\n","${contoso}","${fabrikam}","a1"\n5" rack,${contoso},,b2`,
      orders: [`2 ${contoso} a1`, `5 ${contoso} b2`]
    },
    {
      list: "PowerShell's Export-Csv",
      text: `#TYPE System.Object\r\n"CustomerId","OrderId"\r\n"${contoso}","a1"\r\n`,
      orders: [`3 ${contoso} a1`]
    },
    {
      list: "two CSV files, one after the other",
      text: `customer,order\n${contoso},a1\norder,customer\nb2,${contoso}\n`,
      orders: [`2 ${contoso} a1`, `4 ${contoso} b2`]
    },
    {
      list: "JSON lines, with the keys of this and of other programs",
      text: `{"customerId":"${contoso}","orderId":"a1","verdict":"pending"}\n# x\n{"order":"b2","customer":"contoso.com"}\n\n{"OrderID":"c3","TenantId":"${fabrikam}"}`,
      orders: [`1 ${contoso} a1`, "3 contoso.com b2", `5 ${fabrikam} c3`]
    },
    {
      list: "what status --json prints for several orders",
      text: pretty([
        { customerId: contoso, orderId: "a1", lines: [{ name: '[\\",' }, 1], warnings: [] },
        { customerId: contoso, orderId: "b2", problem: { status: 404 } }
      ]),
      orders: [`2 ${contoso} a1`, `13 ${contoso} b2`]
    },
    {
      list: "objects that jq prints over several lines",
      text: `${pretty({ customerId: contoso, orderId: "a1" })}\n${pretty({ customerId: contoso, orderId: "b2" })}\n`,
      orders: [`1 ${contoso} a1`, `5 ${contoso} b2`]
    },
    {
      list: "an array that is not indented, after a comment",
      text: `# x\n[\n{"customerId":"${contoso}","orderId":"a1"},\n{"customerId":"${contoso}","orderId":"b2"}\n]`,
      orders: [`3 ${contoso} a1`, `4 ${contoso} b2`]
    },
    {
      list: "UTF-8 with a byte order mark",
      text: `\ufeff${contoso} a1`,
      orders: [`1 ${contoso} a1`]
    },
    {
      list: "UTF-16 with a byte order mark",
      text: Buffer.from(`\ufeff${contoso} a1\r\n`, "utf16le"),
      orders: [`1 ${contoso} a1`]
    },
    {
      list: "UTF-16 without one",
      text: Buffer.from(`${contoso} a1\r\n`, "utf16le"),
      orders: [`1 ${contoso} a1`]
    },
    {
      list: "UTF-16, the other way round",
      text: Buffer.from(`\ufeff${contoso} a1\r\n`, "utf16le").swap16(),
      orders: [`1 ${contoso} a1`]
    },
    {
      list: "the same orders again",
      text: `${contoso} a1\n${contoso} A1\n${contoso.toUpperCase()} a1\ncontoso.com ${fabrikam}\nContoso.com ${fabrikam.toUpperCase()}`,
      orders: [`1 ${contoso} a1`, `2 ${contoso} A1`, `4 contoso.com ${fabrikam}`]
    }
  ]
  it.effect.each(understood)("of $list is understood", ({ orders, text }) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* parsed(text), { malformed: [], orders })
    })
  )

  it.effect.each(["", "\n \r\n", "# nothing", "\ufeff", "[]", "customer,order\n,\n"])(
    "that says nothing is empty: %j",
    (text) =>
      Effect.gen(function* () {
        assert.isTrue(isEmpty(yield* parse(utf8(text))))
      })
  )

  it.effect.each([
    { text: `x y\n${contoso} a1`, line: 1, message: /^“x” is no customer/ },
    { text: `${contoso} a1\n\n${contoso} a/1`, line: 3, message: /^“a\/1” is no order id/ },
    { text: `${contoso} a1\n${contoso}`, line: 2, message: /^no order: a line is/ },
    { text: `${contoso} a1\n${contoso} a1 a2`, line: 2, message: /^3 words: a line is/ },
    { text: `${contoso},a1\n,b`, line: 2, message: /^no customer: a line is/ },
    {
      text: `order,customer,x\na1,${contoso}\n,,x`,
      line: 3,
      message: /^no customer and no order\.$/
    },
    {
      text: `${contoso},a1\n\n# "\n"${contoso},b\nc,d`,
      line: 4,
      message: /^its quotation marks do not match, so lines 4 to 5 could not be read\.$/
    },
    {
      text: `${contoso},a1\n"x"y,${contoso}\n${contoso},c`,
      line: 2,
      message: /^its quotation marks do not match\.$/
    },
    {
      text: `{"customer":"${contoso}","order":"a1"}\n{"customer":`,
      line: 2,
      message: /^“\{"customer":” is no JSON object\.$/
    },
    {
      text: `{"customer":"${contoso}","order":"a1"}\nhello\n`,
      line: 2,
      message: /^“hello” is no JSON object\.$/
    },
    {
      text: pretty([{ customer: contoso, order: "a1" }, { id: "a2" }]),
      line: 6,
      message: /^“\{"id":"a2"\}” names no order: it needs a customerId/
    },
    {
      text: pretty([{ customer: contoso, order: 12 }]),
      line: 2,
      message: /” names no order: .*, both text\.$/
    },
    {
      text: `[null,{"customer":"${contoso}","order":"a1"}]`,
      line: 1,
      message: /^“null” is no JSON/
    }
  ])("names what is malformed by its line: $message", ({ line, message, text }) =>
    Effect.gen(function* () {
      const { malformed } = yield* parse(utf8(text))
      assert.deepStrictEqual(
        malformed.map((one) => one.line),
        [line]
      )
      assert.match(malformed[0]?.message ?? "", message)
    })
  )

  it.effect("quotes at most 80 characters, and nothing that a terminal acts on", () =>
    Effect.gen(function* () {
      const { malformed } = yield* parse(utf8(`\u001b[9mx\u0007${"y".repeat(1e6)} a1`))
      assert.match(malformed[0]?.message ?? "", /^“\[9mx y{75}” is no customer/)
    })
  )

  const big: ReadonlyArray<readonly [string, string]> = [
    ["x", "x".repeat(1e6)],
    ["blanks", `${" ".repeat(1e6)}x`],
    ["labels", "a.".repeat(5e5)],
    ["dashes", `${"a-".repeat(5e5)} b`],
    ["quotes", '"'.repeat(1e6)],
    ["commas", ",".repeat(1e6)],
    ["brackets", "[".repeat(1e6)],
    ["braces with blanks", `{${" ".repeat(1e6)}`],
    ["comments", "\n#".repeat(5e5)],
    ["breaks", "\r".repeat(1e6)]
  ]
  it.effect.each(big)(
    "of a megabyte of %s does not hang",
    ([, text]) =>
      Effect.gen(function* () {
        assert.isEmpty((yield* parse(utf8(text))).orders)
      }),
    20_000
  )
})

const Pair = Schema.Struct({
  customer: Schema.Union([
    CustomerId,
    Schema.String.check(Schema.isPattern(/^[a-z0-9]{1,20}\.(?:com|onmicrosoft\.com)$/))
  ]),
  order: OrderId,
  note: Schema.String
})
type Pair = typeof Pair.Type

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`
const csv = (delimiter: string) => (pairs: ReadonlyArray<Pair>) =>
  [
    ["Company", "Order ID", "Customer Id"],
    ...pairs.map(({ customer, note, order }) => [note, order, customer])
  ]
    .map((cells) => cells.map(quoted).join(delimiter))
    .join("\r\n")
const report = ({ customer, note, order }: Pair) => ({ note, customerId: customer, orderId: order })

const printed: Readonly<Record<string, (pairs: ReadonlyArray<Pair>) => string>> = {
  words: (pairs) => pairs.map(({ customer, order }) => `${customer} ${order}\n`).join(""),
  "commas without a header": (pairs) =>
    pairs.map(({ customer, order }) => `${customer},${order}`).join("\n"),
  commas: csv(","),
  semicolons: csv(";"),
  tabs: csv("\t"),
  "JSON lines": (pairs) => pairs.map((pair) => JSON.stringify(report(pair))).join("\n"),
  "a JSON array": (pairs) => pretty(pairs.map(report)),
  "JSON objects": (pairs) => pairs.map((pair) => pretty(report(pair))).join("\n")
}

const isSame = (self: Pair, that: Pair) =>
  self.customer.toLowerCase() === that.customer.toLowerCase() && sameId(self.order, that.order)

describe.each(Object.keys(printed))("any list of orders printed as %s", (format) => {
  it.effect.prop(
    "is read as the same orders, each once",
    { pairs: Schema.Array(Pair) },
    ({ pairs }) =>
      Effect.gen(function* () {
        const { malformed, orders } = yield* parse(utf8(printed[format]?.(pairs) ?? ""))
        assert.deepStrictEqual(malformed, [])
        const expected = pairs.filter(
          (pair, at) => pairs.findIndex((first) => isSame(first, pair)) === at
        )
        assert.deepStrictEqual(
          orders.map(({ customer, orderId }) => [
            customer._tag === "Id" ? customer.id : customer.domain,
            orderId
          ]),
          expected.map(({ customer, order }) => [customer, order])
        )
      }),
    { arbitrary: { seed: format, runs: 100 } }
  )
})

const pieces = [
  ...`",;\t \n\r#{}[]:\\-\ufeff\u0000\u2028é`,
  "\r\n",
  "\ud800",
  "\u001b[2J",
  "customer",
  "order",
  '"customerId"',
  "null",
  "a1",
  contoso,
  "contoso.com",
  '{"order":"a","customer":"b.com"}'
]

describe("anything else", () => {
  it.effect.prop(
    "is read without an error, and said by its line in words that may be printed",
    { parts: Schema.Array(Schema.Literals(pieces)) },
    ({ parts }) =>
      Effect.gen(function* () {
        const text = parts.join("")
        const { malformed, orders } = yield* parse(utf8(text))
        const lines = text.split(/\r\n|\r|\n/).length
        for (const { line } of [...orders, ...malformed]) {
          assert.isTrue(line >= 1 && line <= lines, `${line} of ${lines}: ${JSON.stringify(text)}`)
        }
        for (const { message } of malformed) assert.isNull(message.match(acting), message)
      }),
    { arbitrary: { seed: "pieces", runs: 1000 } }
  )

  it.effect.prop(
    "is read without an error as bytes",
    { bytes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))) },
    ({ bytes }) => Effect.asVoid(parse(Uint8Array.from(bytes))),
    { arbitrary: { seed: "bytes", runs: 300 } }
  )
})

describe("orderKey", () => {
  it.prop(
    "is the same for what sameId calls the same order",
    { a: OrderId, b: OrderId, guid: Schema.String.check(Schema.isGUID()), customer: CustomerId },
    ({ a, b, customer, guid }) => {
      const ids = [a, b, a.toUpperCase(), guid, guid.toUpperCase()].map((id) => OrderId.make(id))
      for (const self of ids) {
        for (const that of ids) {
          const isOne = orderKey(customer, self) === orderKey(customer.toUpperCase(), that)
          assert.strictEqual(isOne, sameId(self, that))
        }
      }
    },
    { arbitrary: { seed: "keys", runs: 100 } }
  )
})

const source = new URL("../src/orderList.ts", import.meta.url).href
const reading = `
  import { Console, Effect, Exit } from "effect"
  import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
  import * as NodeServices from "@effect/platform-node/NodeServices"
  import { parse, readStdin } from ${JSON.stringify(source)}
  const program = Effect.flatMap(readStdin, parse).pipe(
    Effect.flatMap(({ orders }) => Console.log(orders.map(({ orderId }) => orderId).join(" "))),
    Effect.tapError(({ message }) => Console.error(message)),
    Effect.provide(NodeServices.layer)
  )
  NodeRuntime.runMain(program, {
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      const isInterrupted = Exit.isFailure(exit) && exit.cause.reasons.every(({ _tag }) => _tag === "Interrupt")
      process.exitCode = Exit.isSuccess(exit) ? 0 : 2
      onExit(isInterrupted ? 130 : 0)
    }
  })
`
const args = ["--input-type=module", "-e", reading]
const env = { PATH: process.env["PATH"] ?? "" }

describe("readStdin", () => {
  const piped = (write: (stdin: NodeJS.WritableStream) => void) =>
    new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>(
      (resolve, reject) => {
        const child = spawn(process.execPath, args, { env, timeout: 30_000 })
        const said = { stdout: "", stderr: "" }
        child.stdout.on("data", (text) => (said.stdout += text))
        child.stderr.on("data", (text) => (said.stderr += text))
        child.stdin.on("error", () => {})
        child.once("error", reject)
        child.once("close", (code) => resolve({ code, ...said }))
        write(child.stdin)
      }
    )

  it("takes all of it, and says nothing where it is no terminal", async () => {
    const ran = await piped((stdin) => {
      stdin.write(`${contoso} a1\n${contoso} b`)
      stdin.end("2\n")
    })
    assert.deepStrictEqual(ran, { code: 0, stdout: "a1 b2\n", stderr: "" })
  })

  it("refuses more than 16 MiB at once, even if there is no end to it", async () => {
    const ran = await piped((stdin) => {
      stdin.write(Buffer.alloc(16 * 1024 * 1024 + 1, "x"))
    })
    assert.strictEqual(ran.stderr, "stdin has more than 16 MiB: give the orders in parts.\n")
    assert.strictEqual(ran.code, 2)
  })

  const typed = async (keys: string) => {
    const terminal = open(args, { env, cols: 100 })
    await terminal.sends(/Ctrl-D ends/)
    terminal.press(keys)
    return terminal.ended
  }

  it("says on a terminal what it waits for, and ends by Ctrl-D", async () => {
    const shown = await typed("contoso.com a1\r\u0004")
    assert.deepStrictEqual(shown.lines, [
      "Reading orders from the terminal, one `customer order` a line; Ctrl-D ends.",
      "contoso.com a1",
      "a1"
    ])
    assert.strictEqual(shown.exitCode, 0)
  })

  it("ends by Ctrl-C with 130", async () => {
    assert.strictEqual((await typed("contoso.com a1\r\u0003")).exitCode, 130)
  })
})

describe("a list without CSV", () => {
  it("does not load what reads CSV", async () => {
    const script = `
      import { Effect } from "effect"
      import { registerHooks } from "node:module"
      registerHooks({ resolve: (name, context, next) => {
        if (name.startsWith("csv-parse")) console.log(name)
        return next(name, context)
      } })
      const { parse } = await import(${JSON.stringify(source)})
      for (const text of ["contoso.com a1", '{"customer":"contoso.com","order":"a1"}', "contoso.com,a1"]) {
        console.log((await Effect.runPromise(parse(new TextEncoder().encode(text)))).orders.length)
      }
    `
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, ["--input-type=module", "-e", script], { env }, (error, out) =>
        error === null ? resolve(out) : reject(error)
      )
    })
    assert.match(stdout, /^1\n1\n(?:csv-parse\/sync\n)+1\n$/)
  })
})

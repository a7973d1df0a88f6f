import { assert, describe, it } from "vitest"
import type { Fault } from "../src/faults.ts"
import { faultOrders } from "../src/faultOrders.ts"
import { type Answer, harness, type Harness, host, orderPath, statusPath } from "./harness.ts"

const { sample } = harness().simulator
const path = statusPath(sample.customerId, sample.orderId)

/** A fault given its way once: the answer it makes of the sample's status, and the one after. */
const meet = async (own: Harness, fault: Fault, times = 1) => {
  await own.control("faults", { match: { path: "provisioningStatus" }, fault, times })
  return own.get(path)
}

const failure = async (work: Promise<unknown>): Promise<TypeError & { cause: unknown }> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error
  )
  assert.instanceOf(outcome, TypeError)
  return Object.assign(outcome, { cause: outcome.cause })
}

describe("a fault", () => {
  it("is met as often as it says, then things are right again", async () => {
    const own = harness()
    assert.strictEqual((await meet(own, { kind: "status", status: 503 }, 2)).status, 503)
    assert.strictEqual((await own.get(path)).status, 503)
    assert.strictEqual((await own.get(path)).status, 200)
  })

  it("stays until cleared when its times are 0", async () => {
    const own = harness()
    await meet(own, { kind: "status", status: 500 }, 0)
    for (let count = 0; count < 5; count++) assert.strictEqual((await own.get(path)).status, 500)
    assert.strictEqual((await own.send("/_simulator/faults", { method: "DELETE" })).status, 204)
    assert.strictEqual((await own.get(path)).status, 200)
  })

  it("is met only by what matches: an operation, a part of the path, an order", async () => {
    const own = harness()
    const fault = { kind: "status", status: 500 }
    const other = orderPath(sample.customerId, "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1")
    await own.control("faults", { match: { path: "order" }, fault })
    assert.strictEqual((await own.get(path)).status, 200)
    assert.strictEqual((await own.get(other)).status, 500)
    await own.control("faults", { match: { path: "/orders?billing" }, fault })
    assert.strictEqual((await own.get(other)).status, 200)
    assert.strictEqual(
      (await own.get(`/v1/customers/${sample.customerId}/orders?billingType=annual`)).status,
      500
    )
    const match = { path: "provisioningStatus", orderId: sample.orderId.toLowerCase() }
    await own.control("faults", { match, fault })
    assert.strictEqual((await own.get(orderPath(sample.customerId, sample.orderId))).status, 200)
    assert.strictEqual((await own.get(path)).status, 500)
  })

  it("takes turns with the others in the order in which they were set", async () => {
    const own = harness()
    for (const status of [500, 503, 504])
      await own.control("faults", { match: { path: "/v1/" }, fault: { kind: "status", status } })
    const answers = []
    for (let count = 0; count < 4; count++) answers.push((await own.get(path)).status)
    assert.deepEqual(answers, [500, 503, 504, 200])
  })

  it("is listed until it was met", async () => {
    const own = harness()
    await own.control("faults", { fault: { kind: "reset" }, times: 3 })
    const listed = JSON.parse((await own.send("/_simulator/faults")).text)
    assert.deepEqual(listed, [{ id: 1, match: {}, fault: { kind: "reset" }, times: 3 }])
  })

  it.each<[unknown, string]>([
    [[], "body: must be an object"],
    [{}, "body.fault: is missing"],
    [{ fault: {} }, "fault.kind: is missing"],
    [{ fault: { kind: "explode" } }, "body.fault.kind: must be one of latency"],
    [{ fault: { kind: "latency", ms: "1" } }, "body.fault.ms: must be a whole number"],
    [{ fault: { kind: "latency", ms: -1 } }, "body.fault.ms: must be a whole number"],
    [{ fault: { kind: "throttled", form: "A" } }, "body.fault.form: must be one of seconds"],
    [{ fault: { kind: "status", status: 99 } }, "body.fault.status: must be a whole number"],
    [{ fault: { kind: "redirect", location: "a\nb" } }, "body.fault.location: must be a URL"],
    [
      { fault: { kind: "body", contentType: "ü€" } },
      "body.fault.contentType: must be a media type"
    ],
    [{ fault: { kind: "reset", after: 1 } }, "body.fault: does not know after"],
    [{ fault: { kind: "reset", form: "A" } }, "body.fault: does not know form"],
    [{ fault: { kind: "reset" }, time: 1 }, "body: does not know time"],
    [{ fault: { kind: "reset" }, times: 1.5 }, "body.times: must be a whole number"],
    [{ match: { order: "x" }, fault: { kind: "reset" } }, "body.match: does not know order"],
    [{ match: "x", fault: { kind: "reset" } }, "body.match: must be an object"]
  ])("is refused as %j with a plain word", async (body, word) => {
    const { control, send } = harness()
    const { status, json } = await control("faults", body)
    assert.strictEqual(status, 400)
    assert.include(String(json["error"]), word)
    assert.strictEqual((await send("/_simulator/faults")).text, "[]")
  })

  it("is refused when its body is not JSON", async () => {
    const { send } = harness()
    const { status, json } = await send("/_simulator/faults", { method: "POST", body: "{" })
    assert.strictEqual(status, 400)
    assert.strictEqual(json["error"], "body: not JSON at line 1, column 2")
  })
})

describe("kinds of faults", () => {
  it("latency waits, then answers rightly", async () => {
    const own = harness()
    assert.strictEqual((await meet(own, { kind: "latency", ms: 1500 })).status, 200)
    assert.deepEqual(own.time.slept, [1500])
  })

  it("latency ends at once with the signal's reason when the caller gives up", async () => {
    const own = harness({ sleep: () => new Promise<void>(() => {}) })
    await own.control("faults", { fault: { kind: "latency", ms: 600_000 } })
    const signal = AbortSignal.timeout(5)
    const outcome = await own.simulator.fetch(`${host}${path}`, { signal }).catch((error) => error)
    assert.strictEqual(outcome, signal.reason)
  })

  it("slowBody sends the whole body in pieces", async () => {
    const own = harness()
    const right = (await own.get(path)).text
    const slow = await meet(own, { kind: "slowBody", ms: 800 })
    assert.strictEqual(slow.text, right)
    assert.deepEqual(
      own.time.slept,
      Array.from({ length: 8 }, () => 100)
    )
  })

  it("reset rejects as fetch does", async () => {
    const own = harness()
    const error = await failure(meet(own, { kind: "reset" }))
    assert.strictEqual(error.message, "fetch failed")
    assert.deepInclude(error.cause, { code: "ECONNRESET" })
  })

  it("cut answers with headers and a body that errors half-way", async () => {
    const own = harness()
    const authorization = `Bearer ${await own.token()}`
    await own.control("faults", { fault: { kind: "cut" } })
    const response = await own.simulator.fetch(`${host}${path}`, { headers: { authorization } })
    assert.strictEqual(response.status, 200)
    const announced = Number(response.headers.get("Content-Length"))
    const reader = response.body?.getReader()
    const first = await reader?.read()
    assert.isBelow(first?.value?.length ?? 0, announced)
    assert.isAbove(first?.value?.length ?? 0, 0)
    const error = await failure(Promise.resolve(reader?.read()))
    assert.strictEqual(error.message, "terminated")
  })

  it.each<["seconds" | "date" | "body", (now: number) => string | null]>([
    ["seconds", () => "7"],
    ["date", (now) => new Date(now + 7000).toUTCString()],
    ["body", () => null]
  ])("throttled tells its wait by %s", async (form, header) => {
    const own = harness()
    const answer = await meet(own, { kind: "throttled", retryAfter: 7, form })
    assert.strictEqual(answer.status, 429)
    assert.strictEqual(answer.headers.get("Retry-After"), header(own.time.now))
    assert.deepEqual(answer.json, {
      statusCode: 429,
      message: "Rate limit is exceeded. Try again in 7 seconds."
    })
  })

  it("status answers in the form of its code, or in the one asked for", async () => {
    const own = harness()
    const classic = await meet(own, { kind: "status", status: 500, retryAfter: 3 })
    assert.deepEqual(Object.keys(classic.json), ["code", "description", "data", "source"])
    assert.strictEqual(classic.headers.get("Retry-After"), "3")
    const newer = await meet(own, { kind: "status", status: 409, code: 800060 })
    assert.strictEqual(newer.status, 409)
    assert.deepInclude(newer.json, { code: 800060, errorName: "OrderInProgress" })
    const gateway = await meet(own, { kind: "status", status: 503, form: "C", description: "Busy" })
    assert.deepEqual(gateway.json, { statusCode: 503, message: "Busy" })
  })

  it.each<[Fault, Partial<Answer>]>([
    [{ kind: "html", status: 502 }, { status: 502 }],
    [
      { kind: "empty", status: 200 },
      { status: 200, text: "" }
    ],
    [
      { kind: "empty", status: 204 },
      { status: 204, text: "" }
    ],
    [
      { kind: "empty", status: 503 },
      { status: 503, text: "" }
    ],
    [
      { kind: "body", body: "OK", contentType: "text/plain", status: 200 },
      { status: 200, text: "OK" }
    ],
    [{ kind: "unauthorized", code: 400 }, { status: 401 }],
    [
      { kind: "login", status: 400, error: "invalid_grant", code: 1, description: "x" },
      { status: 400 }
    ]
  ])("%j", async (fault, expected) => {
    const own = harness()
    assert.deepInclude(await meet(own, fault), expected)
    assert.strictEqual((await own.get(path)).status, 200)
  })

  it("truncated is a complete answer whose JSON is not", async () => {
    const own = harness()
    const answer = await meet(own, { kind: "truncated" })
    assert.strictEqual(answer.status, 200)
    assert.isTrue(answer.hasBom)
    assert.throws(() => JSON.parse(answer.text))
  })

  it("wrongJson is good JSON of another shape", async () => {
    const own = harness()
    const resource = await meet(own, { kind: "wrongJson", as: "resource" })
    assert.strictEqual(resource.json["status"], "success")
    assert.isArray((await meet(own, { kind: "wrongJson", as: "array" })).json)
    const error = await meet(own, { kind: "wrongJson", as: "error" })
    assert.strictEqual(error.status, 200)
    assert.strictEqual(error.json["code"], 400072)
  })

  it("redirect leads to another host", async () => {
    const own = harness()
    const answer = await meet(own, {
      kind: "redirect",
      status: 302,
      location: "https://x.example/"
    })
    assert.strictEqual(answer.status, 302)
    assert.strictEqual(answer.headers.get("Location"), "https://x.example/")
  })
})

describe("a fault at the login", () => {
  it.each<[Fault, number, string]>([
    [{ kind: "status", status: 503 }, 503, "temporarily_unavailable"],
    [{ kind: "throttled", retryAfter: 2, form: "seconds" }, 429, "temporarily_unavailable"],
    [{ kind: "unauthorized", code: 400 }, 401, "invalid_client"],
    [
      { kind: "login", status: 400, error: "interaction_required", code: 50079, description: "x" },
      400,
      "interaction_required"
    ]
  ])("%j answers as Entra does", async (fault, status, error) => {
    const { control, login } = harness()
    await control("faults", { match: { path: "token" }, fault })
    const answer = await login()
    assert.strictEqual(answer.status, status)
    assert.strictEqual(answer.json["error"], error)
    assert.strictEqual((await login()).status, 200)
  })

  it("may be a reset", async () => {
    const { control, login } = harness()
    await control("faults", { match: { path: "/oauth2/" }, fault: { kind: "reset" } })
    assert.strictEqual((await failure(login())).message, "fetch failed")
  })
})

describe("orders named after a fault", () => {
  const byName = (name: string) => orderPath(sample.customerId, `fault-${name}`)

  it.each<[string, number, number | undefined]>([
    ["429-header", 429, undefined],
    ["429-date", 429, undefined],
    ["429-body", 429, undefined],
    ["400", 400, 800002],
    ["401", 401, 400],
    ["401-audience", 401, 900420],
    ["401-audience-message", 401, undefined],
    ["401-mfa", 401, 900421],
    ["401-mfa-old", 401, 10001],
    ["403", 403, 900308],
    ["403-role", 403, 900150],
    ["403-conditional-access", 403, 900309],
    ["403-app-only", 403, 900329],
    ["403-no-relationship", 403, 20002],
    ["403-entra", 403, 90000],
    ["404", 404, 1000],
    ["404-order", 404, 20000],
    ["404-status", 404, 800007],
    ["404-customer", 404, 60003],
    ["408", 408, 0],
    ["409-in-progress", 409, 800060],
    ["409", 409, 800014],
    ["500", 500, 800003],
    ["503", 503, 900192],
    ["504", 504, 900192],
    ["html-502", 502, undefined],
    ["html-200", 200, undefined],
    ["empty-503", 503, undefined],
    ["empty", 200, undefined],
    ["slow", 200, undefined],
    ["hang", 200, undefined],
    ["slow-body", 200, undefined],
    ["truncated", 200, undefined],
    ["wrong-resource", 200, undefined],
    ["array", 200, undefined],
    ["error-in-200", 200, 400072],
    ["redirect", 302, undefined],
    ["text", 200, undefined]
  ])("fault-%s answers %i with code %s, whatever is read", async (name, status, code) => {
    const { get } = harness()
    for (const url of [byName(name), `${byName(name)}/provisioningstatus`]) {
      const answer = await get(url)
      assert.strictEqual(answer.status, status)
      assert.strictEqual(answer.json["code"], code)
    }
  })

  it("are all tried here", () => {
    assert.strictEqual(faultOrders.size, 40)
  })

  it("fault-reset and fault-cut fail as the network does", async () => {
    const { get } = harness()
    assert.strictEqual((await failure(get(byName("reset")))).message, "fetch failed")
    assert.strictEqual((await failure(get(byName("cut")))).message, "terminated")
  })

  it("may fail in only one of the two reads", async () => {
    const { get } = harness()
    assert.strictEqual((await get(byName("order-503"))).status, 503)
    assert.strictEqual((await get(`${byName("order-503")}/provisioningstatus`)).status, 200)
    assert.strictEqual((await get(byName("status-503"))).status, 200)
    assert.strictEqual((await get(`${byName("status-503")}/provisioningstatus`)).status, 503)
  })

  it("do not exist under a name that tells no fault", async () => {
    const { get } = harness()
    assert.strictEqual((await get(byName("of-nobody"))).json["code"], 20000)
  })
})

describe("the request log", () => {
  it("tells what was asked, with equal fingerprints for equal tokens and no secret", async () => {
    const own = harness()
    const first = await own.token()
    const second = await own.token()
    for (const token of [first, second, first])
      await own.get(path, { authorization: `Bearer ${token}`, "X-Locale": "de-DE" })
    await own.login({ client_secret: own.simulator.credentials.clientSecret })
    const { text } = await own.send("/_simulator/requests")
    for (const secret of [first, second, ...Object.values(own.simulator.credentials).slice(2)])
      assert.notInclude(text, secret)
    const records: ReadonlyArray<Record<string, unknown>> = JSON.parse(text)
    const reads = records.filter(({ operation }) => operation === "provisioningStatus")
    assert.strictEqual(reads.length, 3)
    assert.deepInclude(reads[0], { method: "GET", path, query: "", status: 200, at: own.time.now })
    assert.deepInclude(reads[0]?.["headers"], { "x-locale": "de-DE" })
    assert.strictEqual(reads[0]?.["token"], reads[2]?.["token"])
    assert.notStrictEqual(reads[0]?.["token"], reads[1]?.["token"])
    assert.deepEqual(records.at(-1)?.["form"], [
      "grant_type",
      "client_id",
      "refresh_token",
      "scope",
      "client_secret"
    ])
  })

  it("records failures, resets and unknown paths, and is cleared on demand", async () => {
    const own = harness()
    await own.send(path)
    await own.send("/nowhere")
    await own.control("faults", { fault: { kind: "reset" } })
    await failure(own.send(path))
    const statuses = JSON.parse((await own.send("/_simulator/requests")).text).map(
      (record: { status: number }) => record.status
    )
    assert.deepEqual(statuses, [401, 404, 0])
    await own.send("/_simulator/requests", { method: "DELETE" })
    assert.strictEqual((await own.send("/_simulator/requests")).text, "[]")
  })
})

describe("the overview", () => {
  it("names customers with their orders, and the controls", async () => {
    const { send } = harness()
    const { json } = await send("/_simulator")
    assert.containsAllKeys(json, ["customers", "faultOrders", "controls", "withoutRelationship"])
    assert.strictEqual((await send("/_simulator/nothing")).status, 404)
  })
})

// The controls of a run: its time, and orders of one's own.
import type { Hono } from "hono"
import { readBody } from "./body.ts"
import { longestDuration } from "./duration.ts"
import type { OrderBook } from "./orderBook.ts"
import { Invalid } from "./reader.ts"
import type { Time } from "./time.ts"

export interface RunControlOptions {
  readonly time: Time
  readonly book: OrderBook
}

/** Seconds of an order in one. */
export const fastest = 100_000
const longestSkew = longestDuration / 1000

export const addRunControls = (control: Hono, { time, book }: RunControlOptions) => {
  control.get("/clock", (context) => context.json(time.tell()))
  control.post("/clock", async (context) => {
    const body = await readBody(context.req.raw)
    const advance = body.duration("advance")
    const speed = body.number("speed", 0, fastest)
    const skewSeconds = body.integer("skewSeconds", -longestSkew, longestSkew)
    body.end()
    if (advance === undefined && speed === undefined && skewSeconds === undefined)
      throw body.invalid("", "must have advance, speed or skewSeconds")
    if (advance !== undefined && time.tell().advancedSeconds * 1000 + advance > longestDuration)
      throw new Invalid("body.advance: is too far, all in all")
    if (speed !== undefined) time.setSpeed(speed)
    if (advance !== undefined) time.advance(advance)
    if (skewSeconds !== undefined) time.setSkew(skewSeconds)
    return context.json(time.tell())
  })

  control.post("/orders", async (context) =>
    context.json({ added: book.add(await readBody(context.req.raw)) }, 201)
  )
  control.delete("/orders", (context) => {
    book.clear()
    return context.body(null, 204)
  })
}

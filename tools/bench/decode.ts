// A body of 200 lines into a report, beside parsing it alone and zod validating the same shape.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import * as OrderReport from "@orderwatch/core/OrderReport"
import { OrderProvisioningStatus } from "@orderwatch/core/ProvisioningStatus"
import { DateTime, Schema } from "effect"
import { z } from "zod"
import { median } from "./median.ts"

const lines = 200
const body = JSON.stringify({
  totalCount: lines,
  items: Array.from({ length: lines }, (_, lineItemNumber) => ({
    orderLineItemId: lineItemNumber,
    lineItemNumber,
    status: lineItemNumber % 3 === 0 ? "prefulfillmentPending" : "fulfilled",
    quantityProvisioningInformation: [
      { quantity: 3, status: "fulfilled" },
      { quantity: 1, status: lineItemNumber % 3 === 0 ? "PrefulfillmentPending" : "fulfilled" }
    ]
  })),
  attributes: { objectType: "Collection" }
})

const decode = Schema.decodeUnknownSync(OrderProvisioningStatus)
const customerId = CustomerId.make("0c39d6d5-c70d-4c55-bc02-f620844f3fd1")
const orderId = OrderId.make("34828C05-C16C-4D6F-9CFC-4D2650EF19A1")
const observedAt = DateTime.makeUnsafe("2026-11-22T10:00:00.000Z")

const decoded = () => decode(JSON.parse(body))

const toReport = () => {
  const status = decoded()
  return OrderReport.make({
    customerId,
    orderId,
    observedAt,
    answered: OrderReport.answeredByOrder(status),
    source: "order",
    isMiscounted: OrderReport.isMiscounted(status),
    support: {}
  })
}

const shape = z.object({
  totalCount: z.number().nullish(),
  items: z
    .array(
      z.object({
        orderLineItemId: z.number().nullish(),
        lineItemNumber: z.number().nullish(),
        status: z.string().nullish(),
        quantityProvisioningInformation: z
          .array(z.object({ quantity: z.number().nullish(), status: z.string().nullish() }))
          .nullish()
      })
    )
    .nullish(),
  attributes: z.object({ objectType: z.string().nullish() }).nullish()
})

const contestants = {
  report: toReport,
  decode: decoded,
  zod: () => shape.parse(JSON.parse(body)),
  parse: () => JSON.parse(body)
}
const names = ["report", "decode", "zod", "parse"] as const

const rounds = 60
const perRound = 50

/** Microseconds a call: the medians over rounds taken in turn, after ten that do not count. */
export const decodeBench = (): Readonly<Record<keyof typeof contestants, number>> => {
  const samples: Record<keyof typeof contestants, Array<number>> = {
    report: [],
    decode: [],
    zod: [],
    parse: []
  }
  for (let round = -10; round < rounds; round++) {
    for (const name of names) {
      const run = contestants[name]
      const from = process.hrtime.bigint()
      for (let call = 0; call < perRound; call++) run()
      const took = Number(process.hrtime.bigint() - from) / 1000 / perRound
      if (round >= 0) samples[name].push(took)
    }
  }
  return {
    report: median(samples.report),
    decode: median(samples.decode),
    zod: median(samples.zod),
    parse: median(samples.parse)
  }
}

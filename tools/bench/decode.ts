// A body of 200 lines into a report, over parsing it alone and over zod validating the same shape.
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

const toReport = () => {
  const status = decode(JSON.parse(body))
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
  "decode into an OrderReport": toReport,
  "zod 4 validating the shape": () => shape.parse(JSON.parse(body)),
  "JSON.parse alone": () => JSON.parse(body)
}

const rounds = 60
const perRound = 50

/** Microseconds a call, the median over rounds taken in turn. */
export const decodeBench = (): Readonly<Record<keyof typeof contestants, number>> => {
  const samples: Record<string, Array<number>> = {}
  for (let round = -10; round < rounds; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const from = process.hrtime.bigint()
      for (let call = 0; call < perRound; call++) run()
      const took = Number(process.hrtime.bigint() - from) / 1000 / perRound
      if (round >= 0) (samples[name] ??= []).push(took)
    }
  }
  const of = (name: keyof typeof contestants) => median(samples[name] ?? [])
  return {
    "decode into an OrderReport": of("decode into an OrderReport"),
    "zod 4 validating the shape": of("zod 4 validating the shape"),
    "JSON.parse alone": of("JSON.parse alone")
  }
}

// The orders of the benches that follow: reservations of one or two lines, pending for good.
import { CustomerId } from "@orderwatch/core/Customer"
import { OrderId } from "@orderwatch/core/Order"
import type { OrderScript } from "@orderwatch/simulator/script"

const customers = Array.from({ length: 20 }, (_, index) => ({
  id: `b5d1c0de-7f3a-4c1e-9a60-${(index + 1).toString(16).padStart(12, "0")}`,
  name: `Bench ${index + 1}`
}))
// As long as the ids of new commerce are.
const oneLine = "Kd7Rw2Xq9ZtLm4Vb8NcYh5GsJf3P"
const twoLines = "Wz6Tn1Pb4QsDf8Hk3JmXc9LvRg2Y"

const pending = (number: number, name: string, quantity: number) => ({
  number,
  name,
  quantity,
  status: "prefulfillmentPending"
})
const first = pending(0, "Reserved VM Instance, Standard_D2s_v5, West Europe, 1 Year", 4)
const second = pending(1, "Azure Savings Plan for Compute, 3 Years", 1)

/** So many orders, half of them of two lines; in forties, for each customer has the same. */
export const script = (count: number): OrderScript => ({
  customers,
  orders: customers.flatMap(({ id }) => {
    const all = { customer: id, age: "5m", status: "pending", repeat: count / 40 }
    return [
      { ...all, id: oneLine, lines: [first] },
      { ...all, id: twoLines, lines: [first, second] }
    ]
  })
})

export interface Followed {
  readonly customer: CustomerId
  readonly order: OrderId
}

/** The ids of those orders. */
export const idsOf = (count: number): ReadonlyArray<Followed> =>
  customers.flatMap(({ id }) => {
    const customer = CustomerId.make(id)
    return [oneLine, twoLines].flatMap((base) =>
      Array.from({ length: count / 40 }, (_, index) => ({
        customer,
        order: OrderId.make(`${base}-${index + 1}`)
      }))
    )
  })

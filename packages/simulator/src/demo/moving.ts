// Orders of the demo that move on while one watches, by the clock since the start.
import * as customers from "../customers.ts"
import { always, becoming, upTo } from "../course.ts"
import { minutes, reservation, seconds, split, units } from "../lines.ts"
import type { Order } from "../orders.ts"

export const moving: ReadonlyArray<Order> = [
  {
    id: "YxH1q4KScfvfkJQjgRI8QY1DznnUWZTH1",
    customerId: customers.contoso.id,
    shows: "pending, fulfilled after 20 s",
    age: minutes(4),
    status: becoming("pending", [seconds(20), "completed"]),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "Reserved VM Instance, Standard_NC12, Australia East, 1 Year",
        quantity: 2,
        more: {
          provisioningContext: {
            subscriptionId: "3D5ECED6-1151-44C7-AEE6-70A4BB725666",
            scope: "shared",
            duration: "1Year"
          }
        },
        provisioning: units(2, "prefulfillment_pending", [seconds(20), "fulfilled"])
      })
    ]
  },
  {
    id: "9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1",
    customerId: customers.fabrikam.id,
    shows: "PrefulfillmentPending, half of it after 2 min, all fulfilled after 4 min",
    age: minutes(9),
    status: becoming("pending", [minutes(4), "completed"]),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "Reserved VM Instance, Standard_E8s_v5, North Europe, 3 Years",
        quantity: 6,
        provisioning: becoming(
          split("PrefulfillmentPending", [6, "PrefulfillmentPending"]),
          [
            minutes(2),
            split("PrefulfillmentPending", [3, "Fulfilled"], [3, "PrefulfillmentPending"])
          ],
          [minutes(4), split("Fulfilled", [6, "Fulfilled"])]
        )
      })
    ]
  },
  {
    id: "Ia80ZLkXp6eWOqpp35pBQJLhqv9IiGVZ1",
    customerId: customers.wingtip.id,
    shows: "just created: status 404 (800007) for 30 s, then pending, fulfilled after 75 s",
    age: seconds(20),
    status: becoming("pending", [seconds(75), "completed"]),
    billingCycle: "one_time",
    linked: true,
    statusMissing: [upTo(seconds(30))],
    lines: [
      reservation({
        name: "Reserved VM Instance, Standard_F4s_v2, UK South, 1 Year",
        quantity: 2,
        provisioning: units(2, "prefulfillmentPending", [seconds(75), "fulfilled"])
      })
    ]
  },
  {
    id: "kyTs4y7jRu99MyeIudk6Q1G_aeUdT_tu1",
    customerId: customers.wingtip.id,
    shows: "not visible: order 404 (20000) for 10 s, then pending, fulfilled after 45 s",
    age: seconds(2),
    status: becoming("pending", [seconds(45), "completed"]),
    billingCycle: "one_time",
    linked: true,
    missing: [upTo(seconds(10))],
    lines: [
      reservation({
        name: "Azure Savings Plan for Compute, 3 Years",
        quantity: 1,
        provisioning: units(1, "prefulfillment_pending", [seconds(45), "fulfilled"])
      })
    ]
  },
  {
    id: "Tr5uMq8Zc1_NvXe0yKpWs-3hJbGdLo7i1",
    customerId: customers.treyResearch.id,
    shows: "cancelled while waiting: one line fulfilled, the other pending, unfulfilled after 40 s",
    age: minutes(50),
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "Reserved VM Instance, Standard_ND96, Sweden Central, 1 Year",
        quantity: 1,
        provisioning: units(1, "Prefulfillment-Pending", [seconds(40), "Unfulfilled"])
      }),
      reservation({
        number: 1,
        name: "Azure Managed Disks Reserved Capacity, P30, 1 Year",
        quantity: 8,
        provisioning: units(8, "fulfilled")
      })
    ]
  }
]

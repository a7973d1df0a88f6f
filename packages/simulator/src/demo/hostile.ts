// Orders at "Tailspin Toys (test)": hostile and contradictory ones, for clients to be tested with.
import { tailspin } from "../customers.ts"
import { always } from "../course.ts"
import { days, hours, licence, reservation, seconds, units } from "../lines.ts"
import type { Order } from "../orders.ts"

const escape = "\u001B"

export const hostile: ReadonlyArray<Order> = [
  {
    id: "Hx0stile-Name_ControlCharacters01",
    customerId: tailspin.id,
    shows: "control characters, escape sequences and bidi marks in names and words",
    age: days(1),
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: `Azure ${escape}[2J${escape}[31mRed${escape}[0m ${escape}]0;owned\u0007 \u0000\r\n\u009B31m \u202Edetrevni`,
        quantity: 1,
        provisioning: units(1, `fulfilled${escape}[8m`)
      }),
      reservation({
        number: 1,
        name: `<script>alert("order")</script> ${"very ".repeat(60)}long 数量 🚲`,
        quantity: 2,
        provisioning: units(2, "fulfilled")
      })
    ]
  },
  {
    id: "0c0ffee15bad",
    customerId: tailspin.id,
    shows: "contradictions: counts, quantities and line numbers that do not fit each other",
    age: hours(5),
    status: always("completed"),
    billingCycle: "monthly",
    linked: true,
    lines: [
      licence({ name: "Quantities say less than ordered", quantity: 5 }),
      licence({ number: 1, name: "Quantities against the word", quantity: 2 }),
      licence({ number: 2, name: "No quantities", quantity: 3 }),
      licence({ number: 3, name: "Not answered", quantity: 1 })
    ],
    statusText: JSON.stringify({
      totalCount: 7,
      items: [
        {
          lineItemNumber: 0,
          status: "fulfilled",
          quantityProvisioningInformation: [{ quantity: 4, status: "fulfilled" }]
        },
        {
          orderLineItemId: 1,
          status: "fulfilled",
          quantityProvisioningInformation: [
            { quantity: 0, status: "unfulfilled" },
            { quantity: 2, status: "prefulfillment_pending" }
          ]
        },
        { status: "Fulfilled" },
        {
          lineItemNumber: 9,
          status: "fulfilled",
          quantityProvisioningInformation: [{ quantity: 1, status: "fulfilled" }],
          somethingNew: { nested: true }
        }
      ],
      attributes: { objectType: "Collection" }
    })
  },
  {
    id: "Slow-TestOrder_PendingForEver0001",
    customerId: tailspin.id,
    shows: "pending for good",
    age: days(30),
    pacific: true,
    status: always("pending"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "A reservation that never comes",
        quantity: 1,
        provisioning: units(1, "PREFULFILLMENT PENDING")
      })
    ]
  },
  {
    id: "Quick-TestOrder_FulfilledAfter1s1",
    customerId: tailspin.id,
    shows: "pending, fulfilled after 1 s",
    age: seconds(90),
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "A reservation that comes at once",
        quantity: 1,
        provisioning: units(1, "prefulfillment_pending", [seconds(1), "fulfilled"])
      })
    ]
  }
]

// Orders of the demo that stay as they are: one for each verdict and each oddity of the wire.
import * as customers from "../customers.ts"
import { documentOrder, documentStatus } from "../document.ts"
import { always } from "../course.ts"
import { days, hours, licence, minutes, reservation, split, units } from "../lines.ts"
import type { Order } from "../orders.ts"

export const settled: ReadonlyArray<Order> = [
  {
    id: documentOrder.orderId,
    customerId: documentOrder.customerId,
    shows: "the document's order: fulfilled, answered with the document's exact text",
    age: days(2) + minutes(17),
    status: always("completed"),
    billingCycle: "one_time",
    linked: false,
    lines: [
      reservation({
        name: "Reserved VM Instance, Standard_D2s_v3, West Europe, 1 Year",
        quantity: 1
      })
    ],
    statusText: documentStatus
  },
  {
    id: "5cf72f146967",
    customerId: customers.contoso.id,
    shows: "fulfilled, written Fulfilled; items carry attributes; no link to the status",
    age: hours(7),
    pacific: true,
    status: always("completed"),
    billingCycle: "monthly",
    linked: false,
    attested: true,
    attributed: true,
    lines: [
      licence({
        name: "Microsoft 365 Business Premium",
        quantity: 25,
        more: {
          customTermEndDate: "2027-06-30T00:00:00Z",
          partnerIdOnRecord: "873452",
          additionalPartnerIdsOnRecord: ["4847383", "873452"],
          promotionId: "39NFJQT1PJPB:0002:39NFJQT1Q5KK",
          renewsTo: { termDuration: "P1Y" },
          attestationAccepted: true
        },
        provisioning: units(25, "Fulfilled")
      })
    ]
  },
  {
    id: "f76c6b7f449d",
    customerId: customers.fabrikam.id,
    shows: "partial units: 3 of 4 fulfilled, 1 prefulfillment_pending, for good",
    age: hours(3) + minutes(12),
    status: always("completed"),
    billingCycle: "annual",
    linked: true,
    lines: [
      licence({
        name: "Windows Server 2025 Datacenter, 16 Core Licence",
        quantity: 4,
        provisioning: always(
          split("prefulfillment_pending", [3, "fulfilled"], [1, "prefulfillment_pending"])
        )
      })
    ]
  },
  {
    id: "s-BZlr_TeGksPNT61SsWRL-sqMaKbyVa1",
    customerId: customers.adventureWorks.id,
    shows: "partially fulfilled and settled: two lines fulfilled, one Unfulfilled",
    age: days(1) + hours(5),
    pacific: true,
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "SQL Server 2022 Standard, 2 Core",
        quantity: 2,
        provisioning: units(2, "fulfilled")
      }),
      reservation({
        number: 1,
        name: "Visual Studio Professional 2022",
        quantity: 10,
        provisioning: units(10, "fulfilled")
      }),
      reservation({
        number: 2,
        name: "Windows Server 2022 Remote Desktop Services CAL",
        quantity: 5,
        provisioning: units(5, "Unfulfilled")
      })
    ]
  },
  {
    id: "Cs_jyTxubLpvdJXdo8xcQZN6I2RsLrgZ1",
    customerId: customers.adventureWorks.id,
    shows: "cancelled: unfulfilled everywhere",
    age: days(6),
    status: always("cancelled"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "Reserved VM Instance, Standard_B2ms, East US, 1 Year",
        quantity: 3,
        provisioning: units(3, "unfulfilled")
      }),
      reservation({
        number: 1,
        name: "Azure Cosmos DB Reserved Capacity, 100 RU/s, 1 Year",
        quantity: 1,
        provisioning: units(1, "Unfulfilled")
      })
    ]
  },
  {
    id: "ImxjLNL4_fOc-2KoyOxGTZcrlIquzls11",
    customerId: customers.northwind.id,
    shows: "a word that is not documented: Transferred",
    age: days(12),
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "Azure SQL Database Reserved vCore, Gen5, 1 Year",
        quantity: 4,
        provisioning: always(split("Transferred", [3, "FULFILLED"], [1, "Transferred"]))
      })
    ]
  },
  {
    id: "-k3Jt9wQz_XhN2rB7vLsM5yTgC8dPfUa1",
    customerId: customers.proseware.id,
    shows: "an id that begins with a dash; fulfilled",
    age: days(3),
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: [
      reservation({
        name: "Azure Blob Storage Reserved Capacity, 100 TB, Cool, 1 Year",
        quantity: 1,
        provisioning: units(1, "fulfilled")
      })
    ]
  },
  {
    id: "34b37d7340cc",
    customerId: customers.proseware.id,
    shows: "a removeQuantity and a cancel line that are not answered; the rest is fulfilled",
    age: hours(20),
    status: always("completed"),
    billingCycle: "monthly",
    linked: false,
    lines: [
      licence({
        name: "Microsoft 365 E5",
        quantity: 40,
        transactionType: "addQuantity",
        provisioning: units(40, "Fulfilled")
      }),
      licence({
        number: 1,
        name: "Microsoft 365 E3",
        quantity: 40,
        transactionType: "removeQuantity"
      }),
      licence({ number: 2, name: "Teams Phone Standard", quantity: 8, transactionType: "cancel" })
    ]
  },
  {
    id: "Wg4Rt7Yp2LmKxQz9-VbNc_JdHs6FaE3u1",
    customerId: customers.woodgrove.id,
    shows: "a large order: 200 lines, all fulfilled",
    age: days(8) + hours(2),
    status: always("completed"),
    billingCycle: "one_time",
    linked: true,
    lines: Array.from({ length: 200 }, (_, number) =>
      reservation({
        number,
        name: `Reserved VM Instance, Standard_D4s_v5, Branch ${String(number + 1).padStart(3, "0")}`,
        quantity: 1 + (number % 5),
        provisioning: units(1 + (number % 5), "fulfilled")
      })
    )
  },
  {
    id: "7d0c4ba19e52",
    customerId: customers.fourthCoffee.id,
    shows: "an empty order: no line items, no items",
    age: hours(1),
    status: always("completed"),
    billingCycle: "monthly",
    linked: true,
    lines: []
  }
]

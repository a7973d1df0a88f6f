// Older licence orders of the demo: GUID ids, lines answered by their subscriptions.
import * as customers from "../customers.ts"
import { always, becoming } from "../course.ts"
import { days, minutes, seats, seconds, units } from "../lines.ts"
import type { Order } from "../orders.ts"

export const licences: ReadonlyArray<Order> = [
  {
    id: "eeba9d00-7b46-443a-917e-22887a8fc993",
    customerId: customers.northwind.id,
    shows: "an older licence order: subscriptions with success, pending, failed",
    age: days(40),
    pacific: true,
    status: always("completed"),
    billingCycle: "monthly",
    linked: false,
    lines: [
      seats({
        name: "Office 365 E3",
        quantity: 50,
        subscriptionId: "db8c695b-1c3c-4c55-b697-771503dd46bf",
        linked: "DB8C695B-1C3C-4C55-B697-771503DD46BF",
        skuId: "6FD2C87F-B296-42F0-B197-1E91E994B900",
        provisioning: units(50, "success")
      }),
      seats({
        number: 1,
        name: "Enterprise Mobility + Security E3",
        quantity: 50,
        subscriptionId: "4F2D1A77-80B5-4E0C-9D63-5C3A1E9F7B24",
        linked: "4f2d1a77-80b5-4e0c-9d63-5c3a1e9f7b24",
        skuId: "EFCCB6F7-5641-4E0E-BD10-B4976E1BF68E",
        provisioning: units(50, "pending")
      }),
      seats({
        number: 2,
        name: "Visio Plan 2",
        quantity: 5,
        subscriptionId: "91C7E3B0-2A6D-4F85-B1E4-0D9C8B7A6F53",
        linked: "91C7E3B0-2A6D-4F85-B1E4-0D9C8B7A6F53",
        skuId: "C5928F49-12BA-48F7-ADA3-0D743A3601D5",
        provisioning: units(5, "failed")
      })
    ]
  },
  {
    id: "A3D7C9E1-5B2F-4864-9C0E-7F1B3D5A8E62",
    customerId: customers.litware.id,
    shows: "an older licence order with an upper-case id: pending, success after 60 s",
    age: minutes(25),
    status: becoming("pending", [seconds(60), "completed"]),
    billingCycle: "monthly",
    linked: false,
    lines: [
      seats({
        name: "Microsoft 365 Apps for business",
        quantity: 12,
        subscriptionId: "2B9E4D10-6C8A-4F37-A5D1-E8F7C6B5A493",
        linked: "2b9e4d10-6c8a-4f37-a5d1-e8f7c6b5a493",
        skuId: "CDD28E44-67E3-425E-BE4C-737FAB2899D3",
        provisioning: units(12, "pending", [seconds(60), "Success"])
      })
    ]
  }
]

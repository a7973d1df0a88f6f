// The schemas that decode and encode, as an OpenAPI document has them.
import { CustomerId, CustomersPage } from "@orderwatch/core/Customer"
import { Order, OrderId, Orders } from "@orderwatch/core/Order"
import { OrderReport } from "@orderwatch/core/OrderReport"
import { OrderProvisioningStatus } from "@orderwatch/core/ProvisioningStatus"
import { JsonSchema, Schema } from "effect"
import { Details } from "../health/readiness.ts"
import { HttpProblem } from "../problem.ts"
import { ReportsAnswer, ReportsRequest } from "../wire.ts"

const named = {
  CustomerId: CustomerId.annotate({
    identifier: "CustomerId",
    description: "The customer's Microsoft Entra tenant id."
  }),
  OrderId: OrderId.annotate({
    identifier: "OrderId",
    description: "An order's id. Case counts, unless it is a GUID."
  }),
  OrderReport: OrderReport.annotate({
    identifier: "OrderReport",
    description:
      "Where an order stands. `settled` says that nothing more is expected. Fields that Partner Center did not give are absent."
  }),
  ReportsRequest,
  ReportsAnswer,
  Problem: HttpProblem,
  Readiness: Details.annotate({ identifier: "Readiness" }),
  OrderProvisioningStatus: OrderProvisioningStatus.annotate({
    identifier: "OrderProvisioningStatus",
    description: "As Partner Center answers it, reduced to the documented fields."
  }),
  Order: Order.annotate({
    identifier: "Order",
    description: "As Partner Center answers it, reduced to the documented fields."
  }),
  Orders: Orders.annotate({ identifier: "Orders" }),
  CustomersPage: CustomersPage.annotate({
    identifier: "CustomersPage",
    description: "A page of customers, those that the caller may ask about."
  })
} as const satisfies Record<string, Schema.Top>

export type SchemaName = keyof typeof named

/** Where the document has that schema. */
export const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` })

const documents = Object.values(named).map((schema) => Schema.toJsonSchemaDocument(schema))

/** Every schema by its name. */
export const schemas = (): Readonly<Record<string, unknown>> => {
  const [first, ...rest] = documents
  if (first === undefined) return {}
  return JsonSchema.toMultiDocumentOpenApi3_1({
    dialect: "draft-2020-12",
    schemas: [first.schema, ...rest.map(({ schema }) => schema)],
    definitions: Object.assign({}, ...documents.map(({ definitions }) => definitions))
  }).definitions
}

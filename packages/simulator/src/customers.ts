// The demo partner's customers, and the customer resource.

export interface Customer {
  readonly id: string
  readonly name: string
  readonly domain: string
}

const customer = (id: string, name: string, domain: string): Customer => ({
  id,
  name,
  domain: `${domain}.onmicrosoft.com`
})

export const contoso = customer("0c39d6d5-c70d-4c55-bc02-f620844f3fd1", "Contoso", "contoso")
export const fabrikam = customer(
  "b0d70a69-4c42-4b27-b17b-91a835d8686a",
  "Fabrikam, Inc.",
  "fabrikam"
)
export const adventureWorks = customer(
  "4d3cf487-70f4-4e1e-9ff1-b2bfce8d9f04",
  "Adventure Works Cycles",
  "adventureworks"
)
export const northwind = customer(
  "a45f1416-3300-4f65-9e8d-f123b397a4ea",
  "Northwind Traders",
  "northwind"
)
export const litware = customer("e3b1f2a7-9d64-4f1b-8c0e-5a7d2c9b6e10", "Litware", "litware")
export const proseware = customer(
  "6f2c8e5d-1b7a-4c3f-a9d2-0e4b7f8c1d35",
  "Proseware, Inc.",
  "proseware"
)
export const wingtip = customer(
  "92d7c1b4-3e8f-4a06-b5c9-7f1e2d3a4b58",
  "Wingtip Toys",
  "wingtiptoys"
)
export const woodgrove = customer(
  "1fa9b3e6-5c2d-4e7f-8a1b-c3d4e5f60718",
  "Woodgrove Bank",
  "woodgrovebank"
)
export const fourthCoffee = customer(
  "c8e4d2f0-7b6a-4951-9e3c-2a1b0f9e8d7c",
  "Fourth Coffee",
  "fourthcoffee"
)
export const treyResearch = customer(
  "37b5a9c1-d0e2-4f38-86a4-b9c8d7e6f5a0",
  "Trey Research",
  "treyresearch"
)
export const alpineSkiHouse = customer(
  "58e1f7d3-a2c4-4b60-97d8-1e3f5a7b9c2d",
  "Alpine Ski House",
  "alpineskihouse"
)
export const tailspin = customer(
  "f4a6c2e8-0b1d-4357-8f9a-6c5d4e3b2a19",
  "Tailspin Toys (test)",
  "tailspintoys"
)

/** Listed in this order, as Partner Center lists by no documented order. */
export const customers: ReadonlyArray<Customer> = [
  contoso,
  fabrikam,
  adventureWorks,
  northwind,
  litware,
  proseware,
  wingtip,
  woodgrove,
  fourthCoffee,
  treyResearch,
  alpineSkiHouse,
  tailspin
]

/** A tenant that exists but has no relationship to the partner: 403, 20002. */
export const stranger = "d1e2f3a4-b5c6-4d7e-8f90-a1b2c3d4e5f6"

export const customerResource = (customer: Customer) => ({
  id: customer.id,
  companyProfile: {
    tenantId: customer.id,
    domain: customer.domain,
    companyName: customer.name,
    links: {
      self: { uri: `/customers/${customer.id}/profiles/company`, method: "GET", headers: [] }
    },
    attributes: { objectType: "CustomerCompanyProfile" }
  },
  relationshipToPartner: "reseller",
  links: { self: { uri: `/customers/${customer.id}`, method: "GET", headers: [] } },
  attributes: { objectType: "Customer" }
})

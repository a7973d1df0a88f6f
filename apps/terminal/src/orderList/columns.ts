// Which columns of a table, or keys of an object, name the customer and the order.

const customerNames = [
  /^(?:reference|end)?(?:customer(?:microsoft)?(?:tenant)?|(?:microsoft|entra|aad|azuread|directory)?tenant|microsoft)(?:id|guid)$/,
  /^(?:customer(?:tenant)?|tenant)$/,
  /^(?:customer|tenant)?(?:primary|default)?domain(?:name)?$/
]
const orderNames = [
  /^(?:customer|partnercenter|microsoft)?order(?:id|guid)$/,
  /^order(?:no|number)?$/
]

export interface Columns {
  /** The best first. */
  readonly customers: ReadonlyArray<number>
  readonly order: number
}

const longest = 40
const simplified = (name: string): string =>
  name.length > longest ? "" : name.toLowerCase().replace(/[^a-z0-9]/g, "")

const matching = (
  patterns: ReadonlyArray<RegExp>,
  names: ReadonlyArray<string>
): ReadonlyArray<number> =>
  patterns.flatMap((pattern) =>
    names.flatMap((name, at) => (name !== "" && pattern.test(name) ? [at] : []))
  )

/** The columns with these names, where they name both. */
export const columns = (names: ReadonlyArray<string>): Columns | undefined => {
  const simple = names.map(simplified)
  const customers = matching(customerNames, simple)
  if (customers.length === 0) return undefined
  const [order] = matching(orderNames, simple)
  return order === undefined ? undefined : { customers, order }
}

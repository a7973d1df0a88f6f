// Whether an authorize request asks for multi-factor authentication.

/** By `amr_values=mfa` or by the claims request; undefined where that is no JSON object. */
export const asksMfa = (query: URLSearchParams): boolean | undefined => {
  const byParameter = (query.get("amr_values") ?? "").split(" ").includes("mfa")
  const text = query.get("claims")
  if (!text) return byParameter
  const claims = read(text)
  if (!isObject(claims)) return undefined
  return byParameter || asks(within(claims, "id_token")) || asks(within(claims, "access_token"))
}

/** The authentication method itself, or a context for which Conditional Access would ask for it. */
const asks = (claims: object) => {
  const { value, values } = members(within(claims, "amr"))
  const listed: ReadonlyArray<unknown> = Array.isArray(values) ? values : []
  return value === "mfa" || listed.includes("mfa") || Object.hasOwn(claims, "acrs")
}

const read = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const members = (parent: object): Readonly<Record<string, unknown>> => ({ ...parent })

const within = (parent: object, name: string): object => {
  const value = members(parent)[name]
  return isObject(value) ? value : {}
}

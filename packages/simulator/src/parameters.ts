// Parameters of the API, whose names Partner Center reads without case.

/** The parameter's value, or null; of several the first. */
export const named = (query: URLSearchParams, name: string): string | null => {
  for (const [key, value] of query) if (key.toLowerCase() === name.toLowerCase()) return value
  return null
}

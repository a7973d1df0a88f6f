// The answers that operations have in common: problems, by the table that renders them.
import { internal, meanings, statuses } from "../problem.ts"
import { ref } from "./components.ts"

/** A status and the reasons behind it. */
const reasons = (() => {
  const found = new Map<number, Set<string>>()
  const add = (status: number, reason: string) =>
    found.set(status, (found.get(status) ?? new Set()).add(reason))
  for (const [reason, status] of Object.entries(statuses)) add(status, reason)
  for (const [tag, meaning] of Object.entries(meanings)) {
    add(meaning.status, "reason" in meaning ? meaning.reason : tag)
  }
  add(internal.status, internal.reason)
  return found
})()

const content = { "application/problem+json": { schema: ref("Problem") } }

const header = (description: string, type: "string" | "integer" = "string") => ({
  description,
  schema: { type }
})

/** What answers say in their headers, by its name. */
export const headerComponents = {
  "X-Request-Id": header("The gateway's id of the request: yours, where it was a sane one."),
  RateLimit: header(
    'What is left of the caller\'s requests: `"default";r=599;t=1`, of which `r` are left, and `t` are the seconds until it is whole again or, with `CallerThrottled`, until asking again can succeed.'
  ),
  "RateLimit-Policy": header('The caller\'s requests: `"default";q=600;w=60`, `q` in `w` seconds.'),
  Age: header("How many seconds ago this was seen.", "integer"),
  Vary: header("What the answer depends on."),
  ETag: header("A weak validator of what the report says, times and support ids apart."),
  "Cache-Control": header("`private, no-cache`"),
  "Preference-Applied": header("The `Prefer` that was followed."),
  "MS-RequestId": header("The id that was sent, else that of the exchange with Partner Center."),
  "MS-CorrelationId": header("The id that was sent, else that of the exchange."),
  "MS-CV": header("Partner Center's own, for its support."),
  "MS-ServerId": header("Partner Center's own, for its support."),
  Link: header('The next page, as `rel="next"`.')
}

type HeaderName = keyof typeof headerComponents

/** Those headers, by reference. */
export const headers = (...names: ReadonlyArray<HeaderName>) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** What an answer says to a caller of whose requests it was one, and those headers. */
export const toCaller = (...names: ReadonlyArray<HeaderName>) =>
  headers("X-Request-Id", "RateLimit", "RateLimit-Policy", ...names)

// Told before it is known who asks, or to everybody: by the path, the host or the type of the body.
const uncounted = [405, 415, 421]

const problemHeaders: Readonly<Record<number, Readonly<Record<string, unknown>>>> = {
  401: { "WWW-Authenticate": header("`Bearer`") },
  405: { Allow: header("The methods that there are.") },
  429: { "Retry-After": header("Whole seconds until asking again can succeed.", "integer") },
  503: { "Retry-After": header("Whole seconds, where that is known.", "integer") }
}

/** Those problems, as `responses` of an operation. */
export const problemsOf = (...statuses: ReadonlyArray<number>) =>
  Object.fromEntries(
    statuses.map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }])
  )

// Who may not ask, or asks too often, is told so anywhere; and anything may break.
const everywhere = [401, 403, 421, 429, 500, 503]

/** Those problems, and those that any path may answer with. */
export const problems = (...statuses: ReadonlyArray<number>) =>
  problemsOf(...new Set([...everywhere, ...statuses].toSorted((a, b) => a - b)))

/** The components that `problems` refers to. */
export const responses = Object.fromEntries(
  [...reasons].map(([status, names]) => [
    `Problem${status}`,
    {
      description: `By \`reason\`: ${[...names].join(", ")}.`,
      headers: {
        ...(uncounted.includes(status) ? headers("X-Request-Id") : toCaller()),
        ...problemHeaders[status]
      },
      content
    }
  ])
)

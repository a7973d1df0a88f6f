// What the gateway says of itself: its OpenAPI document, the page that shows it, and what its problems mean.
import { Effect } from "effect"
import { html, json } from "../answer.ts"
import type { Answer } from "../answer.ts"
import { RouteNotFound } from "../problem.ts"
import type { Failure } from "../problem.ts"
import type { Call, Path } from "../route.ts"
import { GatewaySettings } from "../settings.ts"

// Made when somebody asks for it: neither is needed to serve.
const document = Effect.gen(function* () {
  const { publicUrl } = yield* GatewaySettings
  const openapi = yield* Effect.promise(() => import("../openapi.ts"))
  return openapi.document(publicUrl)
})

const openapi = Effect.map(document, (made) =>
  json(JSON.stringify(made), { "cache-control": "private, max-age=3600" })
)

const docs = Effect.gen(function* () {
  const page = yield* Effect.promise(() => import("../docs.ts"))
  const { body, policy } = yield* page.page(yield* document)
  return html(body, {
    "content-security-policy": policy,
    "cache-control": "private, max-age=3600"
  })
})

const problem = Effect.fnUntraced(function* (call: Call) {
  const pages = yield* Effect.promise(() => import("../problems.ts"))
  const page = pages.page(call.param("reason"))
  return page === undefined ? yield* new RouteNotFound() : html(page)
})

const path = (
  path: string,
  run: (call: Call) => Effect.Effect<Answer, Failure, GatewaySettings>
): Path<GatewaySettings> => ({ path, isUpstreams: false, isOpen: false, methods: { GET: { run } } })

export const paths: ReadonlyArray<Path<GatewaySettings>> = [
  path("/openapi.json", () => openapi),
  path("/docs", () => docs),
  path("/problems/:reason", problem)
]

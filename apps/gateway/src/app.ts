// The gateway as a Hono app: every path goes through the one adapter, and so does what has no path.
import type { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import type { Context } from "effect"
import { Effect } from "effect"
import { Hono } from "hono"
import { getPath } from "hono/utils/url"
import type { Closing } from "./closing.ts"
import { handler } from "./handler.ts"
import type { Bindings, Needs } from "./handler.ts"
import type { Looks } from "./looks.ts"
import { isDetour, isUsual, upstreamsPath } from "./paths.ts"
import { RouteNotFound } from "./problem.ts"
import type { Pulse } from "./pulse.ts"
import type { Path } from "./route.ts"
import * as Events from "./routes/events.ts"
import * as Meta from "./routes/meta.ts"
import * as Report from "./routes/report.ts"
import * as Reports from "./routes/reports.ts"
import * as Upstream from "./routes/upstream.ts"

/** What the paths need, all together. */
export type Services = Needs | Closing | Looks | PartnerCenter | Pulse

/** All paths of the gateway's own and of upstream's. */
export const paths: ReadonlyArray<Path<Services>> = [
  ...Upstream.paths,
  Report.path,
  Events.path,
  Reports.path,
  ...Meta.paths
]

const nowhere = { run: () => Effect.fail(new RouteNotFound()) }

/** What is at no path. Who may not ask is not told that either. */
const lost: Path<never> = {
  path: "*",
  isUpstreams: false,
  isOpen: false,
  methods: { GET: nowhere }
}

// No route has it.
const noPath = "/."

/**
 * By which path a request is routed: as it was sent, but for upstream's own, which are taken as upstream does.
 * One that is made of others by `.` and `..` is none: a proxy's rules in front would have seen another.
 */
const routed = (
  request: globalThis.Request,
  options?: { readonly env?: Bindings | undefined }
): string => {
  if (isDetour(options?.env?.incoming?.url ?? "")) return noPath
  const path = getPath(request)
  return isUsual(path) ? path : (upstreamsPath(path) ?? path)
}

/** The app over services that were built. `more` are paths that need something else, given with them. */
export const app = <R>(
  context: Context.Context<Services | R>,
  more: ReadonlyArray<Path<R>> = []
): Hono<{ Bindings: Bindings }> => {
  const hono = new Hono<{ Bindings: Bindings }>({ getPath: routed })
  const answer = handler<R | Services>(context)
  for (const path of [...paths, ...more]) hono.all(path.path, answer(path))
  hono.notFound(answer(lost))
  return hono
}

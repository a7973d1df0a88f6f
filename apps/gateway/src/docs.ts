// The page of /docs: Scalar as effect brings it along, in one piece that loads nothing from elsewhere.
import { createHash } from "node:crypto"
import { Effect } from "effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiScalar from "effect/http-api/HttpApiScalar"
import * as OpenApi from "effect/http-api/OpenApi"
import * as HttpRouter from "effect/http/HttpRouter"
import type { Document } from "./openapi.ts"

export interface Page {
  readonly body: string
  /** What the page may do: run its own scripts, and ask the gateway that it came from. */
  readonly policy: string
}

const render = async (document: Document): Promise<string> => {
  // Scalar's layer wants an API; ours is described by the document alone.
  const api = HttpApi.make("orderwatch").annotateMerge(
    OpenApi.annotations({ transform: () => ({ ...document }) })
  )
  const { dispose, handler } = HttpRouter.toWebHandler(
    HttpApiScalar.layer(api, {
      path: "/docs",
      scalar: { withDefaultFonts: false, ...quiet }
    }),
    { disableLogger: true }
  )
  const response = await handler(new Request("http://localhost/docs"))
  const page = await response.text()
  await dispose()
  // Or a browser asks for /favicon.ico.
  return page.replace("<head>", '<head>\n    <link rel="icon" href="data:," />')
}

// Whatever would lead to Scalar's own services is left out.
const quiet = {
  showDeveloperTools: "never",
  hideClientButton: true,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true }
}

const inline = /<script>(?<source>[\s\S]*?)<\/script>/g

const policyOf = (page: string): string => {
  const hashes = [...page.matchAll(inline)].map(
    (match) =>
      `'sha256-${createHash("sha256")
        .update(match.groups?.["source"] ?? "")
        .digest("base64")}'`
  )
  return [
    "default-src 'none'",
    `script-src ${hashes.join(" ")}`,
    // Scalar writes its styles as it runs.
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
}

const make = async (document: Document): Promise<Page> => {
  const body = await render(document)
  return { body, policy: policyOf(body) }
}

// By the document's text. A process has one, made anew each time that it is asked for.
const made = new Map<string, Promise<Page>>()

/** The page for the document, made once. */
export const page = (document: Document): Effect.Effect<Page> =>
  Effect.promise(() => {
    const text = JSON.stringify(document)
    const known = made.get(text)
    if (known !== undefined) return known
    const making = make(document)
    made.set(text, making)
    // One that could not be made is tried again.
    making.catch(() => made.delete(text))
    return making
  })

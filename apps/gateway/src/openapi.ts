// The gateway as an OpenAPI 3.1 document, made of the schemas that decode and encode.
import { version } from "@orderwatch/core/version"
import { Option } from "effect"
import { headerComponents, responses } from "./openapi/answers.ts"
import { schemas } from "./openapi/components.ts"
import { operations, parameters } from "./openapi/operations.ts"
import type { Operation } from "./openapi/operations.ts"

const info = {
  title: "orderwatch",
  version,
  summary: "Where does a Partner Center order stand?",
  description:
    "One place that holds the credential, so that every other system can ask without it. Read-only. Failures are problems of RFC 9457: decide by `reason`.",
  license: { name: "MIT", identifier: "MIT" }
}

const tags = [
  { name: "Reports", description: "Where orders stand, joined, counted and judged." },
  {
    name: "Partner Center",
    description:
      "Partner Center's own paths, in its shape and words: existing clients only change their base URL."
  },
  { name: "Operation", description: "For whoever runs the gateway." },
  { name: "About", description: "What the gateway says of itself." }
]

// `:customer` is Hono's, `{customer}` is OpenAPI's.
const templated = (path: string): string => path.replace(/:(\w+)/g, "{$1}")

const paths = () => {
  const found: Record<string, Record<string, Operation>> = {}
  for (const [key, operation] of Object.entries(operations)) {
    const [method = "", path = ""] = key.split(" ")
    found[templated(path)] = { ...found[templated(path)], [method.toLowerCase()]: operation }
  }
  return found
}

/** The document, for a gateway that is reached there. */
export const document = (publicUrl: Option.Option<URL>) => ({
  openapi: "3.1.1",
  info,
  servers: [
    {
      url: Option.match(publicUrl, {
        onNone: () => "/",
        onSome: ({ href }) => href.replace(/\/$/, "")
      }),
      description: "This gateway"
    }
  ],
  security: [{ bearer: [] }],
  tags,
  paths: paths(),
  components: {
    schemas: schemas(),
    parameters,
    headers: headerComponents,
    responses,
    securitySchemes: {
      bearer: {
        type: "http",
        scheme: "bearer",
        description:
          "A key of this gateway, or a JWT of the issuer that it trusts. On loopback it may be open to everybody."
      }
    }
  }
})

export type Document = ReturnType<typeof document>

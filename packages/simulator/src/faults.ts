// The vocabulary of faults, and how one is read from JSON.
import type { Form } from "./errors.ts"
import type { Reader } from "./reader.ts"

export type Fault =
  /** Nothing for `ms`, then the right answer. */
  | { readonly kind: "latency"; readonly ms: number }
  /** Headers at once, the body in pieces spread over `ms`. */
  | { readonly kind: "slowBody"; readonly ms: number }
  /** The connection is reset before any answer. */
  | { readonly kind: "reset" }
  /** Headers and half of the body, then the connection is gone. */
  | { readonly kind: "cut" }
  /** 429 with the wait as seconds or as an HTTP date in Retry-After, or only in the body. */
  | { readonly kind: "throttled"; readonly retryAfter: number; readonly form: RetryForm }
  /** An error status with Partner Center's body; at the login, with Entra's. */
  | {
      readonly kind: "status"
      readonly status: number
      readonly code?: number
      readonly form?: Form
      readonly description?: string
      readonly retryAfter?: number
    }
  /** A front end's HTML page. */
  | { readonly kind: "html"; readonly status: number }
  /** A complete HTTP answer whose JSON ends early. */
  | { readonly kind: "truncated" }
  /** Good JSON of another shape: another resource, an array, or an error inside of a 200. */
  | { readonly kind: "wrongJson"; readonly as: WrongJson }
  | { readonly kind: "redirect"; readonly status: number; readonly location: string }
  /** No body at all. */
  | { readonly kind: "empty"; readonly status: number }
  /** The bearer token is refused, right or not. */
  | { readonly kind: "unauthorized"; readonly code: number; readonly form?: Form }
  /** Any body under a 200, or another status. */
  | {
      readonly kind: "body"
      readonly body: string
      readonly contentType: string
      readonly status: number
    }
  /** The login refuses: `error` and AADSTS number. */
  | {
      readonly kind: "login"
      readonly status: number
      readonly error: string
      readonly code: number
      readonly description: string
    }

export const retryForms = ["seconds", "date", "body"] as const
export type RetryForm = (typeof retryForms)[number]

export const wrongJsons = ["resource", "array", "error"] as const
export type WrongJson = (typeof wrongJsons)[number]

const forms = ["A", "B", "C"] as const
const kinds = [
  "latency",
  "slowBody",
  "reset",
  "cut",
  "throttled",
  "status",
  "html",
  "truncated",
  "wrongJson",
  "redirect",
  "empty",
  "unauthorized",
  "body",
  "login"
] as const satisfies ReadonlyArray<Fault["kind"]>

const longest = 600_000

const read = (reader: Reader): Fault => {
  const kind = reader.oneOf("kind", kinds)
  if (kind === undefined) throw reader.invalid("kind", `is missing; one of ${kinds.join(", ")}`)
  const status = (otherwise: number) => reader.integer("status", 200, 599) ?? otherwise
  const form = () => {
    const form = reader.oneOf("form", forms)
    return form === undefined ? {} : { form }
  }
  switch (kind) {
    case "latency":
    case "slowBody":
      return { kind, ms: reader.integer("ms", 0, longest) ?? 1000 }
    case "reset":
    case "cut":
    case "truncated":
      return { kind }
    case "throttled":
      return {
        kind,
        retryAfter: reader.integer("retryAfter", 0, 86_400) ?? 1,
        form: reader.oneOf("form", retryForms) ?? "seconds"
      }
    case "status": {
      const code = reader.integer("code", 0, 9_999_999)
      const description = reader.text("description")
      const retryAfter = reader.integer("retryAfter", 0, 86_400)
      return {
        kind,
        status: status(503),
        ...(code === undefined ? {} : { code }),
        ...form(),
        ...(description === undefined ? {} : { description }),
        ...(retryAfter === undefined ? {} : { retryAfter })
      }
    }
    case "html":
      return { kind, status: status(502) }
    case "wrongJson":
      return { kind, as: reader.oneOf("as", wrongJsons) ?? "resource" }
    case "redirect": {
      const location = reader.text("location") ?? "https://elsewhere.example/v1/customers"
      if (!URL.canParse(location) || /[^\x21-\x7E]/.test(location))
        throw reader.invalid("location", "must be a URL")
      return { kind, status: reader.integer("status", 300, 399) ?? 302, location }
    }
    case "empty":
      return { kind, status: status(200) }
    case "unauthorized": {
      const code = reader.integer("code", 0, 9_999_999) ?? 400
      return { kind, code, ...form() }
    }
    case "body": {
      const contentType = reader.text("contentType") ?? "application/json; charset=utf-8"
      if (!/^[\x20-\x7E]+$/.test(contentType))
        throw reader.invalid("contentType", "must be a media type")
      return { kind, body: reader.text("body") ?? "", contentType, status: status(200) }
    }
    case "login":
      return {
        kind,
        status: status(400),
        error: reader.text("error") ?? "invalid_grant",
        code: reader.integer("code", 0, 99_999_999) ?? 50173,
        description: reader.text("description") ?? "The simulator was told to refuse."
      }
  }
}

/** The fault that a control body or a script describes; throws `Invalid` with what is wrong. */
export const readFault = (reader: Reader): Fault => {
  const fault = read(reader)
  reader.end()
  return fault
}

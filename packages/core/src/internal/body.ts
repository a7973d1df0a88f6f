// A body against the schema of what was asked; where it does not fit, the path of the first misfit.
import { Predicate, Result, Schema, SchemaIssue } from "effect"
import { withoutMisfits } from "./tolerant.ts"

export interface Mismatch {
  readonly description: string
  readonly path?: string
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

// A null says no more than a field that is not there.
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    return value.flatMap((item) => (item === null ? [] : [withoutNulls(item)]))
  }
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) =>
      field === null ? [] : [[key, withoutNulls(field)]]
    )
  )
}

const parse = (body: string): unknown => {
  const json: unknown = JSON.parse(body)
  return body.includes("null") ? withoutNulls(json) : json
}

type Decode<A> = (json: unknown) => Result.Result<A, Schema.SchemaError>

const decoders = new WeakMap<object, Decode<unknown>>()

// Made once for each schema: the map holds a schema's own decoder and nothing else.
const decoderOf = <S extends Schema.ConstraintDecoder<unknown>>(schema: S): Decode<S["Type"]> => {
  const known = decoders.get(schema)
  if (known !== undefined) return known as Decode<S["Type"]>
  const decode = Schema.decodeUnknownResult(schema)
  decoders.set(schema, decode)
  return decode
}

/**
 * What the body says, by the schema; a field that is only passed on is left out where it does not fit. Nothing
 * of the body itself is repeated in a mismatch: it can be anything.
 */
export const decodeBody = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  body: string
): Result.Result<S["Type"], Mismatch> => {
  if (body.trim() === "") return Result.fail({ description: "the body is empty" })
  const json = Result.try(() => parse(body))
  if (Result.isFailure(json)) return Result.fail({ description: "the body is not JSON" })
  const decode = decoderOf(schema)
  const whole = decode(json.success)
  // Nearly every answer fits as it is, and costs nothing more.
  const read = Result.isSuccess(whole) ? whole : decode(withoutMisfits(schema.ast, json.success))
  return Result.mapError(read, ({ issue }) => {
    const path = written(issuesOf(issue).issues[0]?.path ?? [])
    return path === ""
      ? { description: "the body is not what this operation answers" }
      : { description: `the body is not what this operation answers, at ${path}`, path }
  })
}

type Path = ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>

const written = (path: Path): string =>
  path
    .map((step) => (typeof step === "object" ? step.key : step))
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

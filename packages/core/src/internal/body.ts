// A body against the schema of what was asked; where it does not fit, the path of the first misfit.
import { Result, Schema, SchemaIssue } from "effect"

export interface Mismatch {
  readonly description: string
  readonly path?: string
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

// Nothing of the body itself is repeated: it can be anything.
export const decodeBody = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  body: string
): Result.Result<S["Type"], Mismatch> => {
  if (body.trim() === "") return Result.fail({ description: "the body is empty" })
  const json = Result.try((): unknown => JSON.parse(body))
  if (Result.isFailure(json)) return Result.fail({ description: "the body is not JSON" })
  return Result.mapError(Schema.decodeUnknownResult(schema)(json.success), ({ issue }) => {
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

// Decodes what upstream sent without the fields that are only passed on and have another shape than the
// documented: such a field must not cost the answer that somebody is waiting for.
import { Effect, Predicate, Schema, SchemaAST, SchemaGetter, SchemaParser } from "effect"
import { onlyPassedOn } from "./wire.ts"

type Readable = Schema.ConstraintDecoder<unknown>

const isOnlyPassedOn = ({ context }: SchemaAST.AST): boolean =>
  context?.annotations?.[onlyPassedOn] === true

const tests = new WeakMap<SchemaAST.AST, (value: unknown) => boolean>()

const fits = (ast: SchemaAST.AST, value: unknown): boolean => {
  const test = tests.get(ast) ?? SchemaParser.is(Schema.make(ast))
  tests.set(ast, test)
  return test(value)
}

/** The same value where there is nothing to leave out. */
const withoutMisfits = (ast: SchemaAST.AST, value: unknown): unknown => {
  if (SchemaAST.isArrays(ast) && Array.isArray(value)) {
    const [item] = ast.rest
    return item === undefined ? value : value.map((each) => withoutMisfits(item, each))
  }
  if (!SchemaAST.isObjects(ast) || !Predicate.isObject(value)) return value
  let kept = value
  for (const { name, type } of ast.propertySignatures) {
    if (typeof name !== "string" || !Object.hasOwn(value, name)) continue
    const sent = value[name]
    const isFree = isOnlyPassedOn(type)
    if (isFree && fits(type, sent)) continue
    const field = withoutMisfits(type, sent)
    const isLost = isFree && !fits(type, field)
    if (field === sent && !isLost) continue
    const { [name]: _, ...others } = kept
    kept = isLost ? others : { ...others, [name]: field }
  }
  return kept
}

const made = new WeakMap<Readable, Schema.Codec<unknown, unknown>>()

const make = <S extends Readable>(schema: S): Schema.Codec<S["Type"], unknown> => {
  const decode = SchemaParser.decodeUnknownEffect(schema)
  // What was decoded is not looked at once more.
  const Decoded = Schema.declare((_: unknown): _ is S["Type"] => true)
  return Schema.Unknown.pipe(
    Schema.decodeTo(Decoded, {
      // Nearly every answer fits as it is, and costs nothing more.
      decode: SchemaGetter.transformEffect((sent: unknown) =>
        Effect.catchEager(decode(sent), () => decode(withoutMisfits(schema.ast, sent)))
      ),
      encode: SchemaGetter.passthrough({ strict: false })
    })
  )
}

/** The schema for reading: what is only passed on is left out where it does not fit. */
export const tolerant = <S extends Readable>(schema: S): Schema.Codec<S["Type"], unknown> => {
  const known = made.get(schema)
  if (known !== undefined) return known
  const reading = make(schema)
  made.set(schema, reading)
  return reading
}

// What upstream sent without the fields that are only passed on and have another shape than the documented: such
// a field must not cost the answer that somebody is waiting for.
import { Predicate, Schema, SchemaAST, SchemaParser } from "effect"
import { onlyPassedOn } from "./wire.ts"

const isOnlyPassedOn = ({ context }: SchemaAST.AST): boolean =>
  context?.annotations?.[onlyPassedOn] === true

const tests = new WeakMap<SchemaAST.AST, (value: unknown) => boolean>()

const fits = (ast: SchemaAST.AST, value: unknown): boolean => {
  const test = tests.get(ast) ?? SchemaParser.is(Schema.make(ast))
  tests.set(ast, test)
  return test(value)
}

/** The value without those fields; the same where there is nothing to leave out. */
export const withoutMisfits = (ast: SchemaAST.AST, value: unknown): unknown => {
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

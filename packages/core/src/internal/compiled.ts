// Schemas of bodies that can be large: decoded and encoded by generated code, which is several times
// faster. Where a runtime forbids generating code, Effect falls back to interpreting.
import { Schema } from "effect"
import { enable } from "effect/schema/SchemaJITCompiler"

/** The schema itself, decoding and encoding by generated code from now on. */
export const compiled = <S extends Schema.Top>(schema: S): S => {
  enable(schema.ast)
  enable(Schema.flip(schema).ast)
  return schema
}

// Prometheus' text as an independent parser reads it.
import { Schema } from "effect"
import parse from "parse-prometheus-text-format"

const Numeric = Schema.NumberFromString

const Parsed = Schema.Array(
  Schema.Struct({
    name: Schema.String,
    help: Schema.String,
    type: Schema.String,
    metrics: Schema.Array(
      Schema.Struct({
        value: Schema.optionalKey(Numeric),
        labels: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
      })
    )
  })
)

const decode = Schema.decodeUnknownSync(Parsed)

export interface Family {
  readonly help: string
  readonly type: string
  readonly series: ReadonlyArray<{
    readonly labels: Readonly<Record<string, string>>
    readonly value?: number
  }>
}

/** Every family by its name. */
export const families = (text: string): ReadonlyMap<string, Family> =>
  new Map(
    decode(parse(text)).map(({ help, metrics, name, type }) => [
      name,
      { help, type, series: metrics.map(({ labels = {}, ...rest }) => ({ ...rest, labels })) }
    ])
  )

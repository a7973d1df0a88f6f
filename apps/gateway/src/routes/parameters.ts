// A request's parameters as upstream reads them: by their names without case. One that is sent twice is refused,
// since nobody can say which of the two is meant.
import { Effect } from "effect"
import { InvalidInput } from "../problem.ts"
import type { Request } from "../route.ts"

/** Values as they were sent, by names in lower case. */
export type Parameters = ReadonlyMap<string, ReadonlyArray<string>>

export const parametersOf = ({ raw }: Request): Parameters => {
  const found = new Map<string, ReadonlyArray<string>>()
  for (const [name, value] of new URL(raw.url).searchParams) {
    const known = name.toLowerCase()
    found.set(known, [...(found.get(known) ?? []), value])
  }
  return found
}

export const invalid = (detail: string) => new InvalidInput({ detail })

/** The parameter's one value, if it was sent. */
export const onceOf = (
  sent: Parameters,
  name: string
): Effect.Effect<string | undefined, InvalidInput> => {
  const [value, ...more] = sent.get(name.toLowerCase()) ?? []
  return more.length === 0
    ? Effect.succeed(value)
    : Effect.fail(invalid(`${name} is to be sent once.`))
}

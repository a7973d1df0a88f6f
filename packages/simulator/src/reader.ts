// Reads fields of an object that came from outside, and says plainly what is wrong with it.
import { longestDuration, parseDuration } from "./duration.ts"

const hour = 3_600_000

/** What is wrong with a control body or a script, in words for the person who wrote it. */
export class Invalid extends Error {}

export interface Reader {
  readonly text: (name: string) => string | undefined
  readonly flag: (name: string) => boolean | undefined
  readonly integer: (name: string, least: number, most: number) => number | undefined
  readonly number: (name: string, least: number, most: number) => number | undefined
  /** Milliseconds, of `30s` and the like or of a number of seconds. */
  readonly duration: (name: string) => number | undefined
  readonly oneOf: <A extends string>(name: string, known: ReadonlyArray<A>) => A | undefined
  readonly object: (name: string) => Reader | undefined
  /** A list of objects. */
  readonly list: (name: string) => ReadonlyArray<Reader> | undefined
  /** What to throw for a field, or without a name for the object itself. */
  readonly invalid: (name: string, what: string) => Invalid
  /** Fails if a field was not asked for. */
  readonly end: () => void
}

/** `where` is the object's own path; the outermost of a file has none. */
export const reader = (value: unknown, where: string): Reader => {
  const path = (name: string) => [where, name].filter((part) => part !== "").join(".")
  const invalid = (name: string, what: string) =>
    new Invalid([path(name), what].filter((part) => part !== "").join(": "))
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date)
    throw invalid("", "must be an object")
  const fields = new Map<string, unknown>(Object.entries(value))
  const asked = new Set<string>()
  const get = (name: string) => {
    asked.add(name)
    return fields.get(name)
  }
  const within = (
    name: string,
    least: number,
    most: number,
    isRight: (field: number) => boolean,
    kind: string
  ) => {
    const field = get(name)
    if (field === undefined) return undefined
    if (typeof field === "number" && isRight(field) && field >= least && field <= most) return field
    throw invalid(name, `must be a ${kind} from ${least} to ${most}`)
  }
  return {
    text: (name) => {
      const field = get(name)
      if (field === undefined || typeof field === "string") return field
      throw invalid(name, "must be a string")
    },
    flag: (name) => {
      const field = get(name)
      if (field === undefined || typeof field === "boolean") return field
      throw invalid(name, "must be true or false")
    },
    integer: (name, least, most) => within(name, least, most, Number.isInteger, "whole number"),
    number: (name, least, most) => within(name, least, most, Number.isFinite, "number"),
    duration: (name) => {
      const field = get(name)
      if (field === undefined) return undefined
      const ms = parseDuration(field)
      if (ms === undefined)
        throw invalid(name, "must be a duration such as 30s, 4m or 2h, or a number of seconds")
      if (ms > longestDuration) throw invalid(name, `must be at most ${longestDuration / hour}h`)
      return ms
    },
    oneOf: (name, known) => {
      const field = get(name)
      if (field === undefined) return undefined
      const found = known.find((word) => word === field)
      if (found !== undefined) return found
      throw invalid(name, `must be one of ${known.join(", ")}`)
    },
    object: (name) => {
      const field = get(name)
      return field === undefined ? undefined : reader(field, path(name))
    },
    list: (name) => {
      const field = get(name)
      if (field === undefined) return undefined
      if (!Array.isArray(field)) throw invalid(name, "must be a list")
      return field.map((each: unknown, index) => reader(each, `${path(name)}[${index}]`))
    },
    invalid,
    end: () => {
      const unknown = [...fields.keys()].filter((name) => !asked.has(name))
      if (unknown.length > 0) throw invalid("", `does not know ${unknown.join(", ")}`)
    }
  }
}

// A list as JSON: an array, or objects one after the other, each on a line or printed over several.
import { plain } from "@orderwatch/core/text"
import { Option, Predicate } from "effect"
import { columns } from "./columns.ts"
import type { Columns } from "./columns.ts"
import { saysSomething } from "./decode.ts"
import type { Found, Malformed, Written } from "./written.ts"

interface Value {
  readonly line: number
  /** What is to be shown of it. */
  readonly text: string
  readonly value: Option.Option<unknown>
}

const decode = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const begins = /^\s*[[{]/
const ends = /[\]}]$/

/** Whether the first line that says something begins like JSON. */
export const isJson = (text: string): boolean =>
  begins.test(text.split("\n").find(saysSomething) ?? "")

/** The line, from 0, that each element of an array begins on, in JSON that was found valid. */
const elementLines = (json: string): ReadonlyArray<number> => {
  const found: Array<number> = []
  let [depth, line, isText, isNext] = [0, 0, false, false]
  for (let at = 0; at < json.length; at++) {
    const char = json[at] ?? ""
    if (isText) {
      if (char === "\\") at++
      else if (char === '"') isText = false
    } else if (char === "\n") line++
    else if (char === "]" || char === "}") depth--
    else if (char === ",") isNext ||= depth === 1
    else if (char !== " " && char !== "\t" && char !== "\r") {
      if (isNext && depth === 1) found.push(line)
      isNext = false
      if (char === '"') isText = true
      else if (char === "[" || char === "{") isNext = ++depth === 1
    }
  }
  return found
}

const elements = (text: string, line: number): ReadonlyArray<Value> => {
  const value = decode(text)
  if (Option.isNone(value) || !Array.isArray(value.value)) return [{ line, text, value }]
  const lines = elementLines(text)
  return value.value.map((element: unknown, at) => ({
    line: line + (lines[at] ?? 0),
    text: JSON.stringify(element),
    value: Option.some(element)
  }))
}

// Where something printed over several lines ends: with a bracket that is not indented.
const endOf = (lines: ReadonlyArray<string>, start: number): number => {
  for (let at = start + 1; at < lines.length; at++) {
    if (/^[\]}]/.test(lines[at] ?? "")) return at
    if (/^[[{]/.test(lines[at] ?? "")) break
  }
  return start
}

const values = (text: string): ReadonlyArray<Value> => {
  const lines = text.split("\n").map((line) => (saysSomething(line) ? line : ""))
  const first = lines.findIndex((line) => line !== "")
  const whole = elements(lines.slice(first).join("\n"), first + 1)
  if (whole.every(({ value }) => Option.isSome(value))) return whole
  const found: Array<Value> = []
  for (let at = first; at < lines.length; at++) {
    const line = lines[at] ?? ""
    if (line === "") continue
    const isWhole = !begins.test(line) || ends.test(line.trimEnd())
    const end = isWhole ? at : endOf(lines, at)
    for (const value of elements(lines.slice(at, end + 1).join("\n"), at + 1)) found.push(value)
    at = end
  }
  return found
}

const shown = (text: string): string => `“${plain(text.slice(0, 400)).slice(0, 80)}”`

/** The objects of the list. */
export const objects = (text: string): Found => {
  const written: Array<Written> = []
  const malformed: Array<Malformed> = []
  // Most lists have the same keys in every object.
  const known = new Map<string, Columns | undefined>()
  const columnsOf = (keys: ReadonlyArray<string>): Columns | undefined => {
    const id = keys.join("\n")
    const found = known.has(id) ? known.get(id) : columns(keys)
    if (known.size < 100) known.set(id, found)
    return found
  }
  for (const { line, text: json, value } of values(text)) {
    const object = Option.getOrUndefined(value)
    if (!Predicate.isObject(object)) {
      malformed.push({ line, message: `${shown(json)} is no JSON object.` })
      continue
    }
    const keys = Object.keys(object)
    const at = columnsOf(keys)
    const fields: ReadonlyArray<unknown> = Object.values(object)
    const customer = at?.customers.map((column) => fields[column]).find(Predicate.isString)
    const order = at === undefined ? undefined : fields[at.order]
    if (Predicate.isString(customer) && Predicate.isString(order)) {
      written.push({ line, customer, order })
    } else {
      const message = `${shown(json)} names no order: it needs a customerId and an orderId, both text.`
      malformed.push({ line, message })
    }
  }
  return { written, malformed }
}

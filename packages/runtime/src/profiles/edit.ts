// Changes config.toml where it says a thing, and leaves every other line, comments included, as it is.
import { stringify } from "smol-toml"
import type { ProfileKey, ProfileValues } from "./keys.ts"
import { profileKeys } from "./keys.ts"

const literal = (key: string, value: string): string => stringify({ [key]: value }).trimEnd()

const tableName = (name: string): string => (/^[\w-]+$/.test(name) ? name : JSON.stringify(name))

const isHeader = (line: string): boolean => /^\s*\[/.test(line)
const isBlank = (line: string): boolean => line.trim() === ""
const isComment = (line: string): boolean => line.trimStart().startsWith("#")

const headerOf = (name: string) => {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  const either = /^[\w-]+$/.test(name) ? `["']?${escaped}["']?` : `(?:"${escaped}"|'${escaped}')`
  return new RegExp(`^\\s*\\[\\s*profiles\\s*\\.\\s*${either}\\s*\\]`)
}

// The lines of a profile, from its header to its last setting: what follows belongs to the next one.
const block = (lines: ReadonlyArray<string>, name: string) => {
  const header = headerOf(name)
  const from = lines.findIndex((line) => header.test(line))
  if (from === -1) return undefined
  const next = lines.findIndex((line, index) => index > from && isHeader(line))
  let until = next === -1 ? lines.length : next
  while (
    until > from + 1 &&
    (isBlank(lines[until - 1] ?? "") || isComment(lines[until - 1] ?? ""))
  ) {
    until--
  }
  return { from, until }
}

const assigns = (key: string) => new RegExp(`^(\\s*)["']?${key}["']?\\s*=`)

// The value of a line anew, with the comment behind it.
const assigned = (line: string, key: string, value: string): string => {
  const behind = /^[^#"']*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^#"']*)\s*?(\s*#.*)?$/.exec(line)?.[1] ?? ""
  return `${/^\s*/.exec(line)?.[0] ?? ""}${literal(key, value)}${behind}`
}

/** With the profile as given: settings that it no longer has are gone. */
export const withProfile = (source: string, name: string, values: ProfileValues): string => {
  const lines = source.split("\n")
  const found = block(lines, name)
  const settings = profileKeys.flatMap((key) => {
    const value = values[key]
    return value === undefined ? [] : [[key, value] as const]
  })
  if (found === undefined) {
    const added = [
      `[profiles.${tableName(name)}]`,
      ...settings.map(([key, value]) => literal(key, value))
    ]
    const before = source.trimEnd()
    return `${before}${before === "" ? "" : "\n\n"}${added.join("\n")}\n`
  }
  const { from, until } = found
  const left = new Map<ProfileKey, string>(settings)
  const changed = lines.slice(from + 1, until).flatMap((line) => {
    const key = profileKeys.find((key) => assigns(key).test(line))
    if (key === undefined) return [line]
    const value = left.get(key)
    left.delete(key)
    return value === undefined ? [] : [assigned(line, key, value)]
  })
  const added = [...left].map(([key, value]) => literal(key, value))
  return [...lines.slice(0, from + 1), ...changed, ...added, ...lines.slice(until)].join("\n")
}

/** Without the profile. */
export const withoutProfile = (source: string, name: string): string => {
  const lines = source.split("\n")
  const found = block(lines, name)
  if (found === undefined) return source
  const after = lines.slice(found.until)
  while (isBlank(after[0] ?? "x")) after.shift()
  return [...lines.slice(0, found.from), ...after].join("\n")
}

/** With that profile as the one that is used where none is named; or with none. */
export const withDefault = (source: string, name: string | undefined): string => {
  const lines = source.split("\n")
  const first = lines.findIndex(isHeader)
  const at = lines.findIndex(
    (line, index) => (first === -1 || index < first) && assigns("default_profile").test(line)
  )
  if (at !== -1) {
    const changed = name === undefined ? [] : [assigned(lines[at] ?? "", "default_profile", name)]
    return [...lines.slice(0, at), ...changed, ...lines.slice(at + 1)].join("\n")
  }
  return name === undefined
    ? source
    : `${literal("default_profile", name)}\n${isHeader(lines[0] ?? "") ? "\n" : ""}${source}`
}

// Reads config.toml: what is in it, and one clear line with its place where something is wrong.
import { plain } from "@orderwatch/core/text"
import { Result } from "effect"
import { parse as parseToml, TomlError } from "smol-toml"
import { SettingsError } from "../SettingsError.ts"
import { isKey, profileKeys } from "./keys.ts"
import type { ProfileKey, ProfileValues } from "./keys.ts"

export interface Document {
  readonly defaultProfile: string | undefined
  readonly profiles: ReadonlyMap<string, ProfileValues>
}

export const isProfileName = (name: string): boolean => /^[A-Za-z0-9][\w.-]{0,63}$/.test(name)

/** The document, or the one line that says what is wrong and where. */
export const parse = (path: string, source: string): Result.Result<Document, SettingsError> =>
  Result.gen(function* () {
    const refuse = (keys: ReadonlyArray<string>, problem: string) =>
      Result.fail(refusal(path, keys.at(-1) ?? "config.toml", position(source, keys), problem))
    const root = yield* toml(path, source)
    const known = ["default_profile", "profiles"]
    for (const key of Object.keys(root).filter((key) => !known.includes(key))) {
      yield* isKey(key)
        ? refuse([key], `\`${key}\` belongs to a profile: put it below [profiles.NAME].`)
        : refuse([key], unknown(key, [...known, ...profileKeys]))
    }
    const { default_profile: defaultProfile, profiles = {} } = root
    if (defaultProfile !== undefined && typeof defaultProfile !== "string") {
      yield* refuse(["default_profile"], "`default_profile` must be the name of a profile.")
    }
    if (!isTable(profiles)) {
      return yield* refuse(["profiles"], "`profiles` must hold tables: write [profiles.NAME].")
    }
    const read = new Map<string, ProfileValues>()
    for (const [name, table] of Object.entries(profiles)) {
      const at = ["profiles", name]
      if (!isProfileName(name)) {
        yield* refuse(at, "the name of a profile is letters, digits, `.`, `_` and `-`: rename it.")
      }
      if (!isTable(table)) {
        return yield* refuse(at, `profiles.${name} must be a table: write [profiles.${name}].`)
      }
      const values: Partial<Record<ProfileKey, string>> = {}
      for (const [key, value] of Object.entries(table)) {
        if (isSecret(key, value)) return yield* refuse([...at, key], secret(key))
        if (!isKey(key)) return yield* refuse([...at, key], unknown(key, profileKeys))
        const text = typeof value === "number" ? String(value) : value
        if (typeof text !== "string") return yield* refuse([...at, key], quoted(key))
        if (text.trim() !== "") values[key] = text.trim()
      }
      read.set(name, values)
    }
    if (typeof defaultProfile === "string" && !read.has(defaultProfile)) {
      yield* refuse(
        ["default_profile"],
        `\`default_profile\` names ${plain(defaultProfile)}, which is none of the profiles (${names(read)}).`
      )
    }
    return {
      defaultProfile: typeof defaultProfile === "string" ? defaultProfile : undefined,
      profiles: read
    }
  })

/** The profiles' names, as a message lists them. */
export const names = (profiles: ReadonlyMap<string, unknown>): string =>
  profiles.size === 0 ? "there is none" : [...profiles.keys()].join(", ")

interface Position {
  readonly line: number
  readonly column: number
}

const refusal = (path: string, setting: string, at: Position | undefined, problem: string) =>
  new SettingsError({
    setting,
    message: `${plain(path)}${at === undefined ? "" : `:${at.line}:${at.column}`}: ${plain(problem)}`
  })

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) !== Date.prototype &&
  !Array.isArray(value)

const toml = (path: string, source: string) =>
  Result.try({
    try: (): Readonly<Record<string, unknown>> => parseToml(source),
    catch: (error) => {
      const isToml = error instanceof TomlError
      // Its first line says what; the others quote the file, and with it whatever is written there.
      const [what = ""] = isToml ? error.message.split("\n") : []
      return refusal(
        path,
        "config.toml",
        isToml ? error : undefined,
        `${what.replace(/^Invalid TOML document: /, "") || "this is no TOML"}: mend it, or move the file away.`
      )
    }
  })

const secretName = /secret|token|password|passphrase|assertion|private|vault_key/i
const secretValue = /^eyJ[\w-]{8,}|-----BEGIN /

const isSecret = (key: string, value: unknown): boolean =>
  secretName.test(key) || (typeof value === "string" && secretValue.test(value))

const secret = (key: string): string =>
  `\`${key}\` looks like a secret, and this file holds none: remove it, and sign in or set it in the environment (PARTNER_CENTER_…).`

const quoted = (key: string): string =>
  `\`${key}\` must be text: write it in quotes, such as ${key} = "…".`

const unknown = (key: string, known: ReadonlyArray<string>): string => {
  const near = known.find((name) => distance(key.toLowerCase().replaceAll("-", "_"), name) <= 2)
  return near === undefined
    ? `\`${key}\` is no setting: those of a profile are ${profileKeys.join(", ")}.`
    : `\`${key}\` is no setting: do you mean \`${near}\`?`
}

// How many letters apart two words are.
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const swapped = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
const word = (key: string): string => `["']?${escaped(key)}["']?`

/** Where the key is, as TOML is mostly written; unknown where a file does it in another way. */
const position = (source: string, keys: ReadonlyArray<string>): Position | undefined => {
  const lines = source.split("\n")
  const below = (table: ReadonlyArray<string>, rest: ReadonlyArray<string>) => {
    const header = new RegExp(`^\\s*\\[\\s*${table.map(word).join("\\s*\\.\\s*")}\\s*\\]`)
    const from = table.length === 0 ? 0 : lines.findIndex((line) => header.test(line)) + 1
    if (table.length > 0 && from === 0) return undefined
    if (rest.length === 0) return { line: from, column: (lines[from - 1] ?? "").search(/\S/) + 1 }
    const key = new RegExp(`^\\s*${rest.map(word).join("\\s*\\.\\s*")}\\s*[=.]`)
    const next = lines.findIndex((line, index) => index >= from && /^\s*\[/.test(line))
    const until = next === -1 ? lines.length : next
    const at = lines.findIndex((line, index) => index >= from && index < until && key.test(line))
    return at === -1 ? undefined : { line: at + 1, column: (lines[at] ?? "").search(/\S/) + 1 }
  }
  for (let depth = keys.length; depth >= 0; depth--) {
    const found = below(keys.slice(0, depth), keys.slice(depth))
    if (found !== undefined) return found
  }
  // Wherever it stands, then: in an inline table, mostly.
  const last = new RegExp(`(?<![\\w.-])${word(keys.at(-1) ?? "")}\\s*=`)
  const at = lines.findIndex((line) => last.test(line))
  return at === -1 ? undefined : { line: at + 1, column: (lines[at] ?? "").search(last) + 1 }
}

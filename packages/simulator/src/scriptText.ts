// The text of a script's file: TOML where its name says so, else JSON.
import { parseJson } from "./json.ts"
import { Invalid } from "./reader.ts"

/** Throws `Invalid` with line and column. */
export const parseScript = async (file: string, text: string): Promise<unknown> => {
  if (!file.toLowerCase().endsWith(".toml")) return parseJson(text)
  const { parse, TomlError } = await import("smol-toml")
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [what = ""] = error.message.replace(/^Invalid TOML document: /, "").split("\n")
    throw new Invalid(`not TOML at line ${error.line}, column ${error.column}: ${what}`)
  }
}

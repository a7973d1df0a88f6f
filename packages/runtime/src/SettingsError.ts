// What a setting that is missing or malformed says.
import { Data } from "effect"

/** A setting is missing or malformed. `message` is one line: which, where it was looked for, what to do. */
export class SettingsError extends Data.TaggedError("SettingsError")<{
  readonly setting: string
  readonly message: string
}> {}

// What is said of what nobody expected. Without Effect, so that it can be said before that is there.
import { safeLine } from "@orderwatch/runtime/telemetry/safe"

/** The text as one line without control characters. */
export const oneLine = (text: string): string => safeLine(text).replace(/ {2,}/g, " ")

/** The line, without a stack: that would be of no use to who reads it. */
export const ownError = (error: unknown): string =>
  `orderwatch: an error of orderwatch's own, please report it: ${oneLine(String(error))}`

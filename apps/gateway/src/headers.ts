// What request headers say, where HTTP has a grammar for it: entity tags, preferences, freshness, media types.

/** The header's list of entity tags, without `W/`: comparison is weak. `*` is any. */
export const entityTags = (header: string | undefined): ReadonlyArray<string> | "*" | undefined => {
  if (header === undefined) return undefined
  if (header.trim() === "*") return "*"
  const tags = [...header.matchAll(/(?:W\/)?(?<tag>"[\u0021\u0023-\u007e\u0080-\u00ff]*")/g)]
  return tags.map((match) => match.groups?.["tag"] ?? "")
}

/** Whether two entity tags are the same, compared weakly. */
export const isSameTag = (self: string, that: string): boolean => strong(self) === strong(that)

const strong = (tag: string): string => tag.trim().replace(/^W\//, "")

/** Whether `If-None-Match` names it. */
export const isNamed = (etag: string, tags: ReadonlyArray<string> | "*" | undefined): boolean =>
  tags !== undefined && (tags === "*" || tags.some((tag) => isSameTag(tag, etag)))

const waiting = /^\s*wait\s*=\s*"?(?<seconds>\d{1,9})"?\s*(?:;|$)/i
const longest = 60

/** The seconds of `Prefer: wait=N` (RFC 7240), 60 at most; the first one counts. */
export const preferredWait = (header: string | undefined): number | undefined => {
  for (const preference of (header ?? "").split(",")) {
    const seconds = waiting.exec(preference)?.groups?.["seconds"]
    if (seconds !== undefined) return Math.min(longest, Number(seconds))
  }
  return undefined
}

/** Seconds that an answer may be old, where the request says so in `Cache-Control` or `Pragma`. */
export const oldest = (
  cacheControl: string | undefined,
  pragma: string | undefined
): number | undefined => {
  const said = cacheControl ?? pragma
  if (said === undefined) return undefined
  if (/(?:^|,)\s*(?:no-cache|no-store)\s*(?:,|$)/i.test(said)) return 0
  const age = /(?:^|,)\s*max-age\s*=\s*"?(?<seconds>\d{1,9})"?\s*(?:,|$)/i.exec(said)
  const seconds = age?.groups?.["seconds"]
  return seconds === undefined ? undefined : Number(seconds)
}

/** Whether `Accept` takes that type. Without the header, anything is taken. */
export const accepts = (header: string | undefined, type: string): boolean => {
  if (header === undefined || header === type || header === "*/*") return true
  if (header.trim() === "") return true
  const [family] = type.split("/")
  const ranges = header.split(",").flatMap((range) => {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase())
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(?:\.0{0,3})?$/.test(parameter))
    const isMeant = name === type || name === `${family}/*` || name === "*/*"
    return isMeant ? [{ name, isRefused }] : []
  })
  // The more exact one decides.
  const exact = [type, `${family}/*`, "*/*"].find((name) => ranges.some((one) => one.name === name))
  return ranges.some((range) => range.name === exact && !range.isRefused)
}

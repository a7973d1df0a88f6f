// Reads fields of a JSON object that came from outside, and says plainly what is wrong with it.

/** What is wrong with a control body, in words for the person who wrote it. */
export class Invalid extends Error {}

export interface Reader {
  readonly text: (name: string) => string | undefined
  readonly flag: (name: string) => boolean | undefined
  readonly integer: (name: string, least: number, most: number) => number | undefined
  readonly oneOf: <A extends string>(name: string, known: ReadonlyArray<A>) => A | undefined
  readonly object: (name: string) => Reader | undefined
  /** Fails if a field was not asked for. */
  readonly end: () => void
}

export const reader = (value: unknown, where: string): Reader => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Invalid(`${where} must be a JSON object`)
  const fields = new Map<string, unknown>(Object.entries(value))
  const asked = new Set<string>()
  const get = (name: string) => {
    asked.add(name)
    return fields.get(name)
  }
  const path = (name: string) => `${where}.${name}`
  return {
    text: (name) => {
      const field = get(name)
      if (field === undefined || typeof field === "string") return field
      throw new Invalid(`${path(name)} must be a string`)
    },
    flag: (name) => {
      const field = get(name)
      if (field === undefined || typeof field === "boolean") return field
      throw new Invalid(`${path(name)} must be true or false`)
    },
    integer: (name, least, most) => {
      const field = get(name)
      if (field === undefined) return undefined
      if (typeof field === "number" && Number.isInteger(field) && field >= least && field <= most)
        return field
      throw new Invalid(`${path(name)} must be a whole number from ${least} to ${most}`)
    },
    oneOf: (name, known) => {
      const field = get(name)
      if (field === undefined) return undefined
      const found = known.find((word) => word === field)
      if (found !== undefined) return found
      throw new Invalid(`${path(name)} must be one of ${known.join(", ")}`)
    },
    object: (name) => {
      const field = get(name)
      return field === undefined ? undefined : reader(field, path(name))
    },
    end: () => {
      const unknown = [...fields.keys()].filter((name) => !asked.has(name))
      if (unknown.length > 0) throw new Invalid(`${where} does not know ${unknown.join(", ")}`)
    }
  }
}

/** The JSON object that a request brings. */
export const readBody = async (request: Request): Promise<Reader> => {
  const text = await request.text()
  try {
    const value: unknown = JSON.parse(text)
    return reader(value, "body")
  } catch (error) {
    throw error instanceof SyntaxError ? new Invalid("body is not JSON") : error
  }
}

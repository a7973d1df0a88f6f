// What a request says in its headers. Node has them as they were sent; the `Headers` of a `Request` are made of
// them only to be asked, which takes longer than answering what is fresh.

/** `Headers`, as far as they are read. Names are lower-case. */
export interface SentHeaders {
  readonly get: (name: string) => string | null
}

/** What decides whether a request is let in. A `Request` is one. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: SentHeaders
}

/** Node's list of names and values by turns, asked as `Headers` are: a header sent twice is one, with a comma. */
export const sentHeaders = (raw: ReadonlyArray<string>): SentHeaders => ({
  get: (name) => {
    let found: string | null = null
    for (let at = 0; at < raw.length; at += 2) {
      const key = raw[at]
      if (key?.length !== name.length || key.toLowerCase() !== name) continue
      const value = raw[at + 1] ?? ""
      found = found === null ? value : `${found}, ${value}`
    }
    return found
  }
})

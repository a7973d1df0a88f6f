// The JSON object that a request to control brings.
import { parseJson } from "./json.ts"
import { Invalid, reader, type Reader } from "./reader.ts"

const parse = (text: string) => {
  try {
    return parseJson(text)
  } catch (error) {
    throw error instanceof Invalid ? new Invalid(`body: ${error.message}`) : error
  }
}

export const readBody = async (request: Request): Promise<Reader> =>
  reader(parse(await request.text()), "body")

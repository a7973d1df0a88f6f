// Bytes of a list as text. PowerShell's `>` writes UTF-16, other programs of Windows begin with a mark.

// ASCII in two bytes a character has a NUL in every other place.
const nulsFrom = (start: number, bytes: Uint8Array): number => {
  let nuls = 0
  for (let at = start; at < bytes.length; at += 2) if (bytes[at] === 0) nuls++
  return nuls
}

const encodingOf = (bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" => {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return "utf-16le"
  if (first === 0xfe && second === 0xff) return "utf-16be"
  const sample = bytes.subarray(0, 1024)
  if (nulsFrom(1, sample) > sample.length / 4) return "utf-16le"
  return nulsFrom(0, sample) > sample.length / 4 ? "utf-16be" : "utf-8"
}

/** The text, without byte order marks, its lines ended by `\n` alone. */
export const decode = (bytes: Uint8Array): string =>
  new TextDecoder(encodingOf(bytes)).decode(bytes).replaceAll("\ufeff", "").replace(/\r\n?/g, "\n")

/** Whether a line is neither blank nor a comment. */
export const saysSomething = (line: string): boolean => /^\s*[^\s#]/.test(line)

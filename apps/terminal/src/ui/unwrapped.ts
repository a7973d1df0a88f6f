// What Ink writes to: the terminal's output, which wraps no line while the other screen is shown. When a window is made
// narrower Ink draws the frame of the old width once more, and lines that wrap would push all others away.

const enter = "\u001b[?1049h"
const leave = "\u001b[?1049l"
const wrap = { off: "\u001b[?7l", on: "\u001b[?7h" } as const

const fitted = (data: unknown): unknown =>
  typeof data === "string"
    ? data.replace(enter, enter + wrap.off).replace(leave, wrap.on + leave)
    : data

/** The same stream, through which the other screen is entered without wrapping and left with it. */
export const unwrapped = <S extends NodeJS.WriteStream>(stream: S): S =>
  new Proxy(stream, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== "function") return value
      return name === "write"
        ? (data: unknown, ...rest: ReadonlyArray<unknown>) =>
            Reflect.apply(value, target, [fitted(data), ...rest])
        : (...args: ReadonlyArray<unknown>) => Reflect.apply(value, target, args)
    }
  })

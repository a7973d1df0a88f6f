// Whether the full-screen interface can be shown here: found out before anything of it is loaded.

export interface Place {
  /** Whether stdin is a terminal's keyboard. */
  readonly hasKeyboard: boolean
  /** Whether stdout is a terminal's screen. */
  readonly hasScreen: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

const automatic = ["CI", "CONTINUOUS_INTEGRATION", "GITHUB_ACTIONS", "TF_BUILD", "BUILD_NUMBER"]
const isSet = (value = ""): boolean => !["", "0", "false"].includes(value.toLowerCase())

/** A keyboard and a screen, and somebody in front of them. */
export const isFullScreen = ({ environment, hasKeyboard, hasScreen }: Place): boolean =>
  hasKeyboard &&
  hasScreen &&
  environment["TERM"] !== "dumb" &&
  !automatic.some((name) => isSet(environment[name]))

/** What this process is connected to. */
export const here = (): Place => ({
  hasKeyboard: process.stdin.isTTY === true,
  hasScreen: process.stdout.isTTY === true,
  environment: process.env
})

/** What somebody wants who asks for nothing but the full screen. */
export interface Asked {
  readonly isDemo: boolean
  /** What `--color` or `--no-color` said. */
  readonly color: boolean | undefined
}

// They may be malformed, and even the demo refuses that before it shows anything.
const heeded = ["ORDERWATCH_LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT"]

/** Whether a first frame may be shown before settings are looked at. */
export const opensEarly = (
  { isDemo }: Asked,
  { environment }: Pick<Place, "environment">
): boolean => isDemo && !heeded.some((name) => environment[name])

const harmless = ["--demo", "--color", "--no-color"]

/**
 * What is asked by a command line that holds nothing that could be refused, nor names a command: then a
 * first frame need not wait for who reads command lines.
 */
export const aloneAsks = (args: ReadonlyArray<string>): Asked | undefined => {
  const isPlain = args.every((arg, at) => harmless.includes(arg) && args.indexOf(arg) === at)
  const [isColored, isUncolored] = [args.includes("--color"), args.includes("--no-color")]
  if (!isPlain || (isColored && isUncolored)) return undefined
  return {
    isDemo: args.includes("--demo"),
    color: isColored ? true : isUncolored ? false : undefined
  }
}

// What `wait` and `watch` have in common: whom they follow, for how long, and how they end.
import { Budget } from "@orderwatch/core/Budget"
import { title } from "@orderwatch/core/PartnerCenterError"
import type { PartnerCenterError } from "@orderwatch/core/PartnerCenterError"
import { parseDuration } from "@orderwatch/runtime/duration"
import { Clock, DateTime, Duration, Effect, Option } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { worst } from "../exitCode.ts"
import { end, UsageError } from "../failure.ts"
import { Json } from "../flags.ts"
import * as Following from "../following.ts"
import type { Ending, News, Standing } from "../following.ts"
import { first, fromNews, printMessage, result } from "../messages.ts"
import { notify } from "../notify.ts"
import { errorTheme, print, printError, readerGone, Streams, view } from "../output.ts"
import { problem } from "../render/problem.ts"
import * as Lines from "../render/standing.ts"
import { wrap } from "../render/text.ts"
import { withServices } from "../session.ts"
import * as StatusLine from "../statusLine.ts"
import { asked, resolved } from "./asked.ts"
import type { Written } from "./asked.ts"

const duration = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

/** The arguments and flags of both commands. */
export const config = {
  customer: Argument.String("customer").pipe(
    Argument.withDescription(
      "The customer's id (a GUID) or its domain; - reads `customer order` lines, CSV or JSON from stdin"
    )
  ),
  orders: Argument.String("order").pipe(
    Argument.withDescription("The order's id; one that begins with - goes after --"),
    Argument.variadic()
  ),
  timeout: duration("timeout", "End with 124 after that time, such as 30m; 0 looks once"),
  interval: duration("interval", "The shortest time between two looks (default 30s)"),
  notFoundGrace: duration(
    "not-found-grace",
    "How long an order that is not found is waited for (default 2m, 0: not at all)"
  ),
  until: Flag.Literals("for", ["all", "any"]).pipe(
    Flag.withDescription("Whether all orders have to settle, or any of them (default all)"),
    Flag.withDefault("all")
  ),
  failFast: Flag.Boolean("fail-fast").pipe(
    Flag.withoutNegation,
    Flag.withDescription("End with 3 at the first line or unit that will not come"),
    Flag.withDefault(false)
  ),
  keepGoing: Flag.Boolean("keep-going").pipe(
    Flag.withoutNegation,
    Flag.withDescription("Follow the rest of a list that has malformed lines"),
    Flag.withDefault(false)
  ),
  notify: Flag.Boolean("notify").pipe(
    Flag.withDescription("Ring the bell and notify when it took long (or never: --no-notify)"),
    Flag.withDefault(true)
  )
}

export interface Input extends Written {
  readonly timeout: Option.Option<string>
  readonly interval: Option.Option<string>
  readonly notFoundGrace: Option.Option<string>
  readonly until: "all" | "any"
  readonly failFast: boolean
  readonly notify: boolean
}

const parsed = (flag: string, written: Option.Option<string>) =>
  Option.match(written, {
    onNone: () => Effect.succeed(Option.none<Duration.Duration>()),
    onSome: (text) => {
      const found = parseDuration(text.trim())
      return Option.isSome(found)
        ? Effect.succeed(found)
        : Effect.fail(
            new UsageError({ message: `--${flag} is a duration such as 500ms, 10s, 30m or 2h.` })
          )
    }
  })

const shortest = Duration.seconds(1)

const optionsOf = Effect.fnUntraced(function* (input: Input) {
  const interval = yield* parsed("interval", input.interval)
  if (Option.exists(interval, Duration.isLessThan(shortest))) {
    return yield* new UsageError({ message: "--interval is 1s or longer." })
  }
  return {
    interval,
    notFoundGrace: yield* parsed("not-found-grace", input.notFoundGrace),
    timeout: yield* parsed("timeout", input.timeout),
    until: input.until,
    isFailFast: input.failFast
  } satisfies Following.Options
})

// Who waited that long may be elsewhere.
const long = Duration.toMillis("10 seconds")

const inAWord = ({ error, latest }: Standing): string =>
  error === undefined ? (latest?.report.verdict ?? "not seen") : title(error.reason)

const sayEnd = Effect.fnUntraced(function* (standings: ReadonlyArray<Standing>, isEnough: boolean) {
  const [only, ...others] = standings
  if (only === undefined) return
  const words = standings.map(inAWord)
  const body =
    others.length === 0
      ? `${only.orderId}: ${words[0]}`
      : `${words.filter((word) => word === "fulfilled").length} of ${standings.length} orders fulfilled`
  yield* notify({ title: isEnough ? "Orders settled" : "No longer waiting", body })
})

/** How a command shows what it follows to a person. */
export interface Style {
  /** Each change as it comes, or only what it came to. */
  readonly isEachChange: boolean
}

// That nobody gets in is said once, and of no order.
const failures = (isAlone: boolean) => {
  const said = new Set<PartnerCenterError>()
  return Effect.fnUntraced(function* ({ orderId }: Standing, error: PartnerCenterError) {
    if (said.has(error)) return
    said.add(error)
    const what = isAlone || error.operation === "signIn" ? undefined : orderId
    yield* printError(problem(error, what, yield* errorTheme))
  })
}

const forPerson = Effect.fnUntraced(function* (
  standings: ReadonlyArray<Standing>,
  { isEachChange }: Style
) {
  const { err, out } = yield* Streams
  const { theme } = yield* view
  const onError = yield* errorTheme
  const budget = yield* Budget
  const isAlone = standings.length === 1
  const width = standings.reduce((most, { orderId }) => Math.max(most, orderId.length), 0)
  const line = yield* StatusLine.make({
    // Below what another program prints it would only be in the way.
    isShown: !isEachChange || out.isTerminal,
    text: Effect.zipWith(budget.usage, DateTime.now, (usage, now) =>
      Lines.progress(standings, usage, now)
    )
  })
  const sayFailure = failures(isAlone)
  const troubles = new Map<Standing, string>()
  const say = (lines: ReadonlyArray<string>) =>
    print(lines.flatMap((line) => wrap(line, out.columns)))

  const news = Effect.fnUntraced(function* (
    standing: Standing,
    what: Exclude<News, { readonly _tag: "NextLook" }>
  ) {
    if (what._tag === "Failed") return yield* sayFailure(standing, what.error)
    if (what._tag === "Changed") {
      troubles.delete(standing)
      if (!isEachChange && !what.report.settled) return
      const at = isEachChange ? `${Lines.stamp(what.report.observedAt, out.isTerminal)}  ` : ""
      return yield* say([at + Lines.state(standing, theme, width)])
    }
    // The same trouble once, however many looks it spoils.
    const kind = `${what._tag} ${what.error.reason._tag}`
    if (troubles.get(standing) === kind) return
    troubles.set(standing, kind)
    yield* printError([Lines.trouble(standing, what, err.isTerminal, onError)])
  })

  const ended = Effect.fnUntraced(function* (ending: Ending) {
    const open = standings.filter((one) => !Following.isOver(one))
    const lines = open.map((one) => Lines.state(one, theme, width))
    if (!isEachChange) yield* say(lines)
    else if (ending === "interrupted" || ending === "timeout") {
      yield* printError(lines.map((text) => `Not settled: ${text}`))
    }
  })

  return {
    news: (standing: Standing, what: News) => {
      if (what._tag !== "NextLook") return line.above(news(standing, what))
      // It is the line at the foot that tells of it. After a good look the next trouble is news again.
      if (what.why === "changed" || what.why === "unchanged") troubles.delete(standing)
      return Effect.void
    },
    ended: (ending: Ending) => line.above(ended(ending))
  }
})

const forProgram = Effect.fnUntraced(function* (standings: ReadonlyArray<Standing>) {
  const sayFailure = failures(standings.length === 1)
  yield* printMessage(first)
  return {
    news: Effect.fnUntraced(function* (standing: Standing, what: News) {
      yield* printMessage(fromNews(standing, what))
      if (what._tag === "Failed") yield* sayFailure(standing, what.error)
    }),
    ended: (_: Ending) => Effect.void
  }
})

/** Follows what was asked for, in a command's style, and ends with what that came to. */
export const run = (style: Style) =>
  Effect.fnUntraced(function* (input: Input) {
    const options = yield* optionsOf(input)
    const orders = yield* asked(input)
    const isJson = yield* Json
    const following = Effect.fnUntraced(function* () {
      const { codes, standings } = yield* resolved(orders)
      const began = yield* Clock.currentTimeMillis
      const show = yield* isJson ? forProgram(standings) : forPerson(standings, style)
      const finished = Effect.fnUntraced(function* (ending: Ending) {
        const code = worst([...codes, Following.exitCodeOf(standings, ending, options.until)])
        yield* show.ended(ending)
        if (isJson) yield* printMessage(result(standings, code))
        return code
      })
      const ending = yield* Following.follow(standings, options, show.news).pipe(
        Effect.raceFirst(Effect.as(readerGone, "unread" as const)),
        Effect.onInterrupt(() => finished("interrupted"))
      )
      const code = yield* finished(ending)
      const took = (yield* Clock.currentTimeMillis) - began
      const isSettled = ending === "enough" && standings.every(({ error }) => error === undefined)
      if (input.notify && took >= long) yield* sayEnd(standings, isSettled)
      return yield* end(code)
    }, Effect.scoped)
    yield* withServices(following())
  })

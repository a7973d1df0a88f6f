// Opens the full-screen interface, and leaves the terminal as it was however it ends. Loaded by import() only.
import { Clock, Deferred, Effect, Exit, Option, Stream } from "effect"
import type { Stdio } from "effect"
import * as AtomRegistry from "effect/reactivity/AtomRegistry"
import { Color } from "../flags.ts"
import { notify } from "../notify.ts"
import { print } from "../output.ts"
import { App } from "./App.tsx"
import { Registry } from "./bridge.ts"
import { copy } from "./clipboard.ts"
import { makeEarly } from "./early.ts"
import { roomOf } from "./Frame.tsx"
import { makeKeeping } from "./keeping.ts"
import { makeHear } from "./hearing.ts"
import { lastState } from "./lastState.ts"
import { isEarly, isSpoken, leaveEarly, open as openScreen, themeOf } from "./opened.tsx"
import * as Sessions from "./sessions.ts"
import { logsHeeded } from "./settings.ts"
import { signIn } from "./signingIn.ts"
import { makeActions } from "./state/actions.ts"
import { makeAsks } from "./state/asks.ts"
import type { Entered, Machine } from "./state/machine.ts"
import { makeRows } from "./state/rows.ts"
import { startPaging } from "./state/paging.ts"
import { screen } from "./state/screen.ts"
import type { Session } from "./state/session.ts"
import { makeSignIns } from "./state/signIn.ts"
import { makeStore } from "./state/store.ts"
import { startWatching } from "./state/watching.ts"
import { suspension } from "./suspend.ts"
import { load, nothing } from "./watchlistFile.ts"

const keptFor = Effect.fnUntraced(function* (session: Session, notice: string | undefined) {
  const { keptAs } = session
  if (keptAs === undefined) return { session, kept: nothing, notice } satisfies Entered
  return yield* load(keptAs).pipe(
    Effect.map((kept): Entered => ({ session, kept, notice })),
    Effect.catch((error) =>
      // What cannot be read is not written over.
      Effect.succeed<Entered>({
        session: { ...session, keptAs: undefined },
        kept: nothing,
        notice: error.message
      })
    )
  )
})

const begun = Effect.fnUntraced(function* (isDemo: boolean) {
  yield* logsHeeded
  if (isDemo) return yield* keptFor(yield* Sessions.demo, undefined)
  const { said, session } = yield* Sessions.found
  return yield* keptFor(session, said)
})

/** Shows the interface until somebody leaves it. */
export const open = (options: { readonly isDemo: boolean }) =>
  Effect.ensuring(opened(options), Effect.sync(leaveEarly))

const opened = Effect.fnUntraced(function* ({ isDemo }: { readonly isDemo: boolean }) {
  const color = yield* Color
  const theme = themeOf(Option.getOrUndefined(color))
  const { kept, notice, session } = yield* begun(isDemo)
  const { columns, rows: lines } = process.stdout
  const registry = AtomRegistry.make()
  const store = makeStore({
    session,
    kept,
    theme,
    isSpoken: isSpoken(),
    now: yield* Clock.currentTimeMillis,
    stack: [
      session.kind === "none"
        ? screen({ _tag: "Welcome", said: notice })
        : screen({ _tag: "Customers" })
    ],
    size: roomOf({ columns: columns || 80, rows: lines || 24 }, isSpoken()),
    message: session.kind === "none" ? undefined : notice
  })
  const over = yield* Deferred.make<void>()
  const context = yield* Effect.context<
    | Sessions.Ground
    | Stdio.Stdio
    | Effect.Services<typeof Sessions.demo>
    | Stream.Services<ReturnType<typeof signIn>>
  >()
  const run = Effect.runForkWith(context)
  const paused = suspension()
  const keeping = makeKeeping(run)
  const machine: Machine = {
    copy: (text) => copy(text, process.stdout, process.env),
    notify: (notification) => void run(notify(notification)),
    save: keeping.save,
    demo: Effect.provideContext(
      Effect.flatMap(Sessions.demo, (demo) => keptFor(demo, undefined)),
      context
    ),
    entered: (tenant) => Effect.provideContext(keptFor(tenant, undefined), context),
    signIn: (way) => Stream.provideContext(signIn(way), context),
    suspend: paused.suspend,
    quit: () => Deferred.doneUnsafe(over, Exit.void)
  }
  const signIns = makeSignIns(machine.signIn, store.escape)
  const asks = makeAsks(store)
  const rows = makeRows(store, asks, signIns)
  const actions = makeActions({ registry, store, asks, rows, signIns, machine })
  const keys = makeEarly()
  const listen = () => keys.give(makeHear(registry, store, actions))
  const stops = [
    // Whoever typed on the first frame meant the list that was about to come.
    ...(isEarly()
      ? [
          registry.subscribe(
            rows.all,
            ({ loading }) => {
              if (!loading.isWaiting) queueMicrotask(listen)
            },
            { immediate: true }
          )
        ]
      : []),
    startWatching({ registry, store, asks, machine }),
    startPaging({ registry, store, asks, rows })
  ]

  if (!isEarly()) listen()

  const shown = Effect.acquireUseRelease(
    Effect.sync(() =>
      openScreen(
        <Registry value={registry}>
          <App
            {...{ store, asks, rows, signIns, actions }}
            onSuspend={paused.offer}
            onHeard={keys.hear}
          />
        </Registry>,
        keys.hear
      )
    ),
    (ui) =>
      Effect.raceFirst(
        Deferred.await(over),
        // Ends by itself only where drawing has failed.
        Effect.promise(() => ui.waitUntilExit())
      ).pipe(Effect.raceFirst(crashed), Effect.raceFirst(hungUp)),
    (ui) =>
      Effect.gen(function* () {
        // Some terminals bring what is left here back to the normal screen when they were resized.
        ui.rerender(null)
        yield* Effect.promise(() => ui.waitUntilRenderFlush())
        ui.unmount()
        yield* Effect.exit(Effect.promise(() => ui.waitUntilExit()))
      })
  )
  // Whatever ends it, what is kept is written, and the last state is printed.
  return yield* Effect.onExit(shown, () =>
    Effect.gen(function* () {
      stops.forEach((stop) => stop())
      paused.end()
      yield* keeping.written
      yield* print(lastState(registry, { store, asks, theme }))
      registry.dispose()
    })
  )
})

// An error that nobody has caught must not leave its stack on a screen that goes away.
const crashed = Effect.callback<never>((resume) => {
  const fail = (error: unknown) => resume(Effect.die(error))
  process.on("uncaughtException", fail)
  process.on("unhandledRejection", fail)
  return Effect.sync(() => {
    process.off("uncaughtException", fail)
    process.off("unhandledRejection", fail)
  })
})

// The window is gone, or somebody says so: the same as any other signal. It is heard to the very end: a terminal that
// goes says so more than once, and what is kept is still being written then.
const hungUp = Effect.callback<never>((resume) => {
  const end = () => resume(Effect.interrupt)
  process.on("SIGHUP", end)
  // Where that signal is not heard, what is drawn has nowhere to go.
  process.stdout.on("error", end)
})

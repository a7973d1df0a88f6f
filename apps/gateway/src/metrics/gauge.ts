// Gauges that are read when somebody looks at the metrics, not kept up to date.
import { Effect, Exit, Metric } from "effect"

export interface GaugeOptions {
  readonly description: string
  readonly attributes?: Readonly<Record<string, string>> | undefined
}

const nothing = () => undefined

/** Shows what the effect gives at that moment, until the scope ends. It must not wait for anything. */
export const observed = Effect.fnUntraced(function* (
  id: string,
  options: GaugeOptions,
  read: Effect.Effect<number>
) {
  const context = yield* Effect.context<never>()
  const run = Effect.runSyncExitWith(context)
  const get = () => {
    const exit = run(read)
    return { value: Exit.isSuccess(exit) ? exit.value : Number.NaN }
  }
  yield* Effect.acquireRelease(
    Effect.sync(() =>
      Metric.registerUnsafe(Metric.gauge(id, options), context, {
        get,
        update: nothing,
        modify: nothing
      })
    ),
    (registration) => Effect.sync(() => registration.remove())
  )
})

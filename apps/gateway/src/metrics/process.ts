// What the process itself costs, under the names that dashboards for Node already know.
import { version } from "@orderwatch/core/version"
import { Effect } from "effect"
import { observed } from "./gauge.ts"

const read = (get: () => number) => Effect.sync(get)

/** Shows memory, age and build of this process until the scope ends. */
export const processMetrics = Effect.gen(function* () {
  yield* observed(
    "process_resident_memory_bytes",
    { description: "Memory of the process that is in RAM." },
    read(() => process.memoryUsage.rss())
  )
  yield* observed(
    "nodejs_heap_size_used_bytes",
    { description: "What of the JavaScript heap is in use." },
    read(() => process.memoryUsage().heapUsed)
  )
  yield* observed(
    "nodejs_heap_size_total_bytes",
    { description: "The size of the JavaScript heap." },
    read(() => process.memoryUsage().heapTotal)
  )
  yield* observed(
    "process_uptime_seconds",
    { description: "How long the process has been running." },
    read(() => process.uptime())
  )
  yield* observed(
    "orderwatch_build_info",
    {
      description: "The version that runs, and on which Node; always 1.",
      attributes: { version, node: process.version }
    },
    Effect.succeed(1)
  )
})

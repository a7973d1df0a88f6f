// Following orders: many of them at once, and more of them than the budget has requests.
import { Schema } from "effect"
import { start } from "./part.ts"

const numbers = <K extends string>(...names: ReadonlyArray<K>) =>
  Schema.Record(Schema.Literals(names), Schema.Finite)

/** Times in milliseconds, heap in bytes, CPU while idle as a share of one core. */
const Many = numbers(
  "orders",
  "followers",
  "firstReports",
  "lateReports",
  "requestsOfFirst",
  "looksPerInterval",
  "requestsPerLook",
  "fewestLooks",
  "mostLooks",
  "shortest",
  "heapPerOrder",
  "heapLeft",
  "cpuPerFirstLook",
  "cpuPerLook",
  "cpuIdle"
)

/** 10,000 orders with three followers each, until each was looked at three times: two minutes. */
export const startMany = () =>
  start("following/many.ts", Many, { args: ["10000"], execArgv: ["--expose-gc"] })

/** `busiestMinute` and `used` (of the whole time) as shares of the budget. */
const Scarce = numbers(
  "orders",
  "perMinute",
  "busiestMinute",
  "used",
  "fewestLooks",
  "mostLooks",
  "overtakings"
)

/** 720 orders with 600 requests a minute, for three minutes. */
export const startScarce = () => start("following/scarce.ts", Scarce, { args: ["720", "600"] })

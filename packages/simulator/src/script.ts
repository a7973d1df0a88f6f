// Scripts: orders of one's own and how they go, as JSON or TOML. `readScript.ts` reads them.
import type { Fault } from "./faults.ts"
import type { Operation } from "./operation.ts"
import type { Order } from "./orders.ts"

/** `500ms`, `30s`, `4m`, `2h`, or a number of seconds; counted from when the script was added. */
export type Moment = string | number

export interface OrderScript {
  /** Customers that the demo does not have. */
  readonly customers?: ReadonlyArray<{
    readonly id: string
    readonly name: string
    /** Made of the name unless given. */
    readonly domain?: string
  }>
  readonly orders?: ReadonlyArray<ScriptedOrder>
  /** What other requests than those of one order meet. */
  readonly answers?: ReadonlyArray<ScriptedAnswer>
}

export interface ScriptedOrder {
  readonly id: string
  /** Id or domain. */
  readonly customer: string
  readonly shows?: string
  /** How long ago it was placed. */
  readonly age?: Moment
  /** One word for good; `completed` if there are no steps either. */
  readonly status?: string
  readonly steps?: ReadonlyArray<ScriptedStep>
  readonly billingCycle?: Order["billingCycle"]
  /** Whether it links its provisioning status; it does unless told. */
  readonly linked?: boolean
  /** Whether the items of its status carry attributes. */
  readonly attributed?: boolean
  /** Whether its date has an offset instead of a Z. */
  readonly pacific?: boolean
  /** When it is 404 and in no list. */
  readonly missing?: ReadonlyArray<ScriptedWindow>
  /** When its status is 404. */
  readonly statusMissing?: ReadonlyArray<ScriptedWindow>
  readonly lines?: ReadonlyArray<ScriptedLine>
  readonly answers?: ReadonlyArray<ScriptedAnswer>
  /** That many like it instead, `id-1` and so on; a GUID is counted up. */
  readonly repeat?: number
  /** Each of them begins so much after the one before. */
  readonly every?: Moment
}

export interface ScriptedLine {
  readonly name: string
  /** Its position unless given. */
  readonly number?: number
  readonly offer?: string
  readonly term?: string
  readonly quantity?: number
  readonly transactionType?: string
  /** A GUID: the line of an older licence order, answered by this subscription. */
  readonly subscription?: string
  /** One word for good. Without word and steps the line is not answered. */
  readonly status?: string
  readonly steps?: ReadonlyArray<
    ScriptedStep & {
      /** All of the line in the step's word unless given. */
      readonly quantities?: ReadonlyArray<{ readonly quantity: number; readonly status: string }>
    }
  >
}

export interface ScriptedStep {
  /** The beginning unless given. */
  readonly at?: Moment
  readonly status: string
}

export interface ScriptedWindow {
  /** The beginning unless given. */
  readonly from?: Moment
  /** For good unless given. */
  readonly until?: Moment
}

export interface ScriptedAnswer extends ScriptedWindow {
  /** All of Partner Center's unless given. */
  readonly on?: Operation
  /** As `POST /_simulator/faults` takes it. */
  readonly fault: { readonly kind: Fault["kind"] } & Readonly<Record<string, string | number>>
}

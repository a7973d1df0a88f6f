// What Microsoft's support asks for: the ids of one exchange.
import { Schema } from "effect"

/**
 * The ids of a request and of what answered it. `requestId` and `correlationId` are ours (`MS-RequestId`,
 * `MS-CorrelationId`); the others come back with an answer (`MS-CV`, `MS-ServerId`).
 *
 * https://learn.microsoft.com/partner-center/developer/headers
 */
export const Support = Schema.Struct({
  requestId: Schema.optionalKey(Schema.String),
  correlationId: Schema.optionalKey(Schema.String),
  msCv: Schema.optionalKey(Schema.String),
  serverId: Schema.optionalKey(Schema.String)
})
export type Support = typeof Support.Type

// Traces, metrics and logs to a collector, by OTLP over HTTP with JSON bodies. Loaded only where somebody
// named one. What becomes of it never disturbs what the process is for.
import { version } from "@orderwatch/core/version"
import { Config, Effect, Layer, Option, References, Schema } from "effect"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Otlp from "effect/observability/Otlp"
import { OtlpSerialization } from "effect/observability/OtlpSerialization"
import * as Http from "../Http.ts"
import { SettingsError } from "../SettingsError.ts"
import { variable } from "../sources.ts"
import { withoutTokens } from "./safe.ts"

export interface OtlpOptions {
  readonly endpoint: URL
  /** `service.name`, unless `OTEL_SERVICE_NAME` gives another. */
  readonly service: string
  /** Whether a delivery that failed is tried again: not where somebody waits for the process to end. */
  readonly isPatient: boolean
}

// The same in JSON as in Effect's own, without what looks like a token.
const fit = (_key: string, value: unknown): unknown =>
  typeof value === "string"
    ? withoutTokens(value)
    : typeof value === "number" && !Number.isFinite(value)
      ? String(value)
      : value

const body = (data: unknown) => HttpBody.text(JSON.stringify(data, fit), "application/json")

const serialization = Layer.succeed(OtlpSerialization, {
  traces: body,
  metrics: body,
  logs: body
})

/** Says once that nothing arrives, by the loggers of who made the layer. */
const watched = ({ endpoint, isPatient }: OtlpOptions) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const outer = yield* Effect.context<never>()
      let isSaid = false
      const say = (why: string) =>
        Effect.suspend(() => {
          if (isSaid) return Effect.void
          isSaid = true
          return Effect.logWarning(
            `telemetry does not reach ${endpoint.origin} (${why}); everything else goes on without it`
          )
        }).pipe(
          Effect.provideContext(outer),
          // Not as the exporter's own.
          Effect.provideService(References.CurrentLogAnnotations, {})
        )
      return HttpClient.transformResponse(client, (sent) =>
        sent.pipe(
          Effect.tap(({ status }) =>
            status >= 200 && status <= 299 ? Effect.void : say(`HTTP ${status}`)
          ),
          Effect.tapError(({ reason }) => say(reason._tag)),
          Effect.catch((error) =>
            isPatient
              ? Effect.fail(error)
              : // An answer that nobody tries again for.
                Effect.succeed(
                  HttpClientResponse.fromWeb(error.request, new Response(null, { status: 400 }))
                )
          )
        )
      )
    })
  )

const pairs = (name: string) =>
  Config.option(
    Config.Record(Schema.StringFromUriComponent, Schema.StringFromUriComponent, name)
  ).pipe(
    Effect.map(Option.getOrElse((): Readonly<Record<string, string>> => ({}))),
    Effect.mapError(
      () =>
        new SettingsError({
          setting: name,
          message: `${name} in the environment is malformed: set it to name=value pairs between commas, percent-encoded.`
        })
    )
  )

/** The exporter, until the scope ends; what is left is then delivered within 2 seconds. */
export const layer = (options: OtlpOptions): Layer.Layer<never, SettingsError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const headers = yield* pairs("OTEL_EXPORTER_OTLP_HEADERS")
      yield* pairs("OTEL_RESOURCE_ATTRIBUTES")
      const name = yield* variable("OTEL_SERVICE_NAME")
      const compression = yield* variable("OTEL_EXPORTER_OTLP_COMPRESSION")
      return Otlp.layer({
        baseUrl: options.endpoint.href,
        headers,
        compression: Option.contains(compression, "gzip") ? "gzip" : "none",
        resource: {
          serviceName: Option.getOrElse(name, () => options.service),
          serviceVersion: version
        },
        shutdownTimeout: "2 seconds"
      }).pipe(
        // The exporter tells each failure of its own at debug; `watched` has said it.
        Layer.provide(Layer.succeed(References.MinimumLogLevel, "None")),
        Layer.provide(serialization),
        Layer.provide(watched(options)),
        Layer.provide(Http.layer)
      )
    })
  )

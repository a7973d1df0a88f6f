// `orderwatch` alone on a terminal: the full-screen interface, without what reads command lines.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Option } from "effect"
import { runToEnd } from "./ending.ts"
import { Cloud, Color, Demo, Json, LogLevel, Profile, Verbose } from "./flags.ts"
import { report } from "./failure.ts"
import type { Asked } from "./fullScreen.ts"
import { open } from "./ui/main.tsx"

/** Shows the interface and ends the process. */
export const run = ({ color, isDemo }: Asked): void =>
  runToEnd(
    open({ isDemo }).pipe(
      Effect.catchTag("SettingsError", report),
      Effect.provideService(Color, Option.fromUndefinedOr(color)),
      Effect.provideService(Demo, isDemo),
      Effect.provideService(Json, false),
      Effect.provideService(Verbose, false),
      Effect.provideService(Profile, Option.none()),
      Effect.provideService(Cloud, Option.none()),
      Effect.provideService(LogLevel, Option.none()),
      Effect.provide(NodeServices.layer)
    ),
    () => undefined
  )

// A user's own directory with a config.toml, for as long as a test runs.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { ConfigProvider, Effect, FileSystem, Layer } from "effect"
import type { Path } from "effect"

export const machine = Effect.fnUntraced(
  function* (toml: string | undefined, environment: Readonly<Record<string, string>> = {}) {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped({ prefix: "orderwatch-profiles-" })
    yield* files.chmod(folder, 0o700)
    const path = `${folder}/config.toml`
    if (toml !== undefined) yield* files.writeFileString(path, toml)
    const env = { ORDERWATCH_CONFIG_DIR: folder, ...environment }
    const layer = Layer.merge(
      ConfigProvider.layer(ConfigProvider.fromEnvRecord(env)),
      NodeServices.layer
    )
    return {
      folder,
      path,
      text: Effect.orDie(files.readFileString(path)),
      files,
      run: <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>) =>
        Effect.provide(effect, layer)
    }
  },
  Effect.orDie,
  Effect.provide(NodeServices.layer)
)

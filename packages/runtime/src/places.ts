// Where this user's files are: the profiles, the vault, and what the interface keeps.
import { Config, Effect, Option, Path } from "effect"
import * as UserDirectories from "effect/persistence/UserDirectories"

const app = "orderwatch"

export interface Places {
  /** The profiles. */
  readonly config: string
  /** The encrypted vault. */
  readonly vault: string
  /** What the full-screen interface keeps between runs. */
  readonly state: string
}

/**
 * All files in `ORDERWATCH_CONFIG_DIR`, else in the platform's own directories for them. None where
 * the environment tells of no home.
 */
export const places: Effect.Effect<Option.Option<Places>, never, Path.Path> = Effect.gen(
  function* () {
    const path = yield* Path.Path
    const directories = UserDirectories.make()
    const set = yield* Config.String("ORDERWATCH_CONFIG_DIR").pipe(
      Effect.map((directory) => directory.trim()),
      Effect.orElseSucceed(() => "")
    )
    const own = set === "" ? undefined : path.resolve(set)
    const [config, data, state] =
      own === undefined
        ? yield* Effect.all([
            directories.config(app),
            directories.data(app),
            directories.state(app)
          ])
        : [own, own, own]
    return {
      config: path.join(config, "config.toml"),
      vault: path.join(data, "credentials"),
      state: path.join(state, "interface.json")
    }
  }
).pipe(Effect.option)

// On Linux, over a session bus and gnome-keyring of the test's own. On macOS and Windows: not tried.
import { spawnSync } from "node:child_process"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { start } from "../processes.ts"
import { place } from "./fixtures.ts"

const onLinux = process.platform === "linux"
const has = (program: string) =>
  spawnSync(program, ["--version"], { stdio: "ignore", timeout: 5000 }).error === undefined
const missing = ["dbus-run-session", "gnome-keyring-daemon"].filter((program) => !has(program))

/** Directories of its own, so that nobody's real keyring is touched. */
const machine = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const home = yield* files.makeTempDirectoryScoped({ prefix: "orderwatch-home-" })
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    XDG_DATA_HOME: `${home}/data`,
    XDG_RUNTIME_DIR: `${home}/run`,
    VAULT: yield* place
  }
  yield* files.makeDirectory(env.XDG_DATA_HOME)
  yield* files.makeDirectory(env.XDG_RUNTIME_DIR, { mode: 0o700 })
  return env
}).pipe(Effect.provide(NodeServices.layer))

const unlocked =
  'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" "$@"'

type Machine = Effect.Success<typeof machine>
const inSession = (env: Machine, script = unlocked) =>
  Effect.flatMap(
    start("keychain.ts", env, ["dbus-run-session", "--", "sh", "-c", script]),
    ({ ended }) => ended
  )

describe.skipIf(!onLinux)("the system's keychain", () => {
  it.live(
    "without a session bus there is none, and nothing else is used in its place",
    () =>
      Effect.gen(function* () {
        const env = yield* machine
        const { stdout } = yield* Effect.flatMap(start("keychain.ts", env), ({ ended }) => ended)
        assert.match(
          stdout,
          /^failed: the system's keychain cannot be used \(.+\): unlock it, or set ORDERWATCH_VAULT_KEY to 32 bytes .+\.\n$/
        )
        const files = yield* Effect.provide(FileSystem.FileSystem, NodeServices.layer)
        assert.isFalse(yield* files.exists(env.VAULT))
      }),
    60_000
  )

  it("can be tried here, or the reason is said; where CI is set, it must", (context) => {
    if (process.env["CI"]) assert.deepStrictEqual(missing, [], "install gnome-keyring and dbus")
    context.skip(missing.length > 0, `install gnome-keyring and dbus (no ${missing.join(", ")})`)
  })

  it.live.skipIf(missing.length > 0)(
    "keeps the key, from the first sign-in on, for the next session",
    () =>
      Effect.gen(function* () {
        const env = yield* machine
        const first = yield* inSession(env)
        assert.strictEqual(first.stdout, "key: false\nbefore: none\nafter: r1\nsame: true\n")
        const second = yield* inSession(env)
        assert.strictEqual(second.stdout, "key: true\nbefore: r1\nafter: r1\nsame: true\n")
      }),
    60_000
  )

  it.live.skipIf(missing.length > 0)(
    "that is locked says what to do",
    () =>
      Effect.gen(function* () {
        const env = yield* machine
        yield* inSession(env)
        const { stdout } = yield* inSession(
          env,
          'gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1; exec "$0" "$@"'
        )
        assert.match(
          stdout,
          /^failed: the system's keychain .+: unlock it, or set ORDERWATCH_VAULT_KEY/
        )
      }),
    60_000
  )
})

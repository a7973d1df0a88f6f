// Opens an address in the user's browser. The browser gets no variable that could hold a secret.
import { spawn } from "node:child_process"
import { Effect } from "effect"

const opener = (
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv
): readonly [command: string, ...args: ReadonlyArray<string>] => {
  if (env["BROWSER"]) return [env["BROWSER"]]
  if (platform === "darwin") return ["open"]
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"]
  return ["xdg-open"]
}

// What a desktop needs to find its browser.
const wanted =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_.*|TERM|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_.*|DBUS_SESSION_BUS_ADDRESS|BROWSER|DESKTOP_SESSION|SystemRoot|windir|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMFILES.*|TEMP|TMP|TMPDIR)$/i

/** Whether something was started that should show the address. */
export const openBrowser = (url: string): Effect.Effect<boolean> =>
  Effect.callback((resume) => {
    const [command, ...args] = opener(process.platform, process.env)
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => wanted.test(name))
    )
    const child = spawn(command, [...args, url], { detached: true, env, stdio: "ignore" })
    child.once("error", () => resume(Effect.succeed(false)))
    child.once("spawn", () => {
      child.unref()
      resume(Effect.succeed(true))
    })
  })

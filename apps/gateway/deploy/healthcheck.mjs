// Whether the gateway in this container lives: exit code 0, else 1. The image has no curl.
const port = process.env["ORDERWATCH_GATEWAY_PORT"] || "8780"

try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/livez`, {
    signal: AbortSignal.timeout(4000)
  })
  process.exitCode = ok ? 0 : 1
} catch {
  process.exitCode = 1
}

// What every package's tests have in common. The JSON report is what tools/test.ts adds up.
import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    // Modules hold no state that a test could leave behind; importing them anew takes most of the time.
    isolate: false,
    // A machine that does other things too is slow, not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ["test/**/*.test.{ts,tsx}"],
    reporters: ["default", ["json", { outputFile: "reports/tests.json" }]]
  }
})

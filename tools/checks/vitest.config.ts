import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

// These tests run the real tools: compilers, packers, a package manager.
export default mergeConfig(shared, { test: { testTimeout: 180_000, hookTimeout: 180_000 } })

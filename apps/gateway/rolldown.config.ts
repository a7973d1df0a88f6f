// The gateway as one program in dist/; what is imported dynamically becomes a chunk that loads when needed.
import { defineConfig } from "rolldown"

export default defineConfig({
  input: { gateway: "src/main.ts" },
  platform: "node",
  // Native: found in node_modules when a keychain is asked for.
  external: ["@napi-rs/keyring"],
  transform: { define: { "process.env.NODE_ENV": '"production"' } },
  output: {
    dir: "dist",
    format: "esm",
    banner: "#!/usr/bin/env node",
    chunkFileNames: "[name].js",
    cleanDir: true,
    minify: true
  }
})

// The command as one program in dist/; what is imported dynamically becomes a chunk that loads when needed.
import { defineConfig } from "rolldown"

export default defineConfig({
  input: { orderwatch: "src/main.ts" },
  platform: "node",
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

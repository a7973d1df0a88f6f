// The command as one program in dist/; what is imported dynamically becomes a chunk that loads when needed.
import { defineConfig } from "rolldown"
import type { Plugin } from "rolldown"

// effect/cli/CliOutput makes an `Intl.Segmenter` as it loads, 16 ms that most runs never use.
const segmenter = /\/\*#__PURE__\*\/ ?new Intl\.Segmenter\((?<options>[^)]*)\)/
const lateSegmenter: Plugin = {
  name: "late-segmenter",
  transform: {
    filter: { id: /\/effect\/dist\/cli\/CliOutput\.js$/ },
    handler: (code) => {
      if (!segmenter.test(code)) throw new Error("CliOutput has changed: mend late-segmenter")
      return code.replace(
        segmenter,
        "{ segment: (text) => new Intl.Segmenter($<options>).segment(text) }"
      )
    }
  }
}

// Ink asks for React's developer tools, which are not here, in a file of their own.
const noDevtools: Plugin = {
  name: "no-devtools",
  load: { filter: { id: /\/ink\/build\/devtools\.js$/ }, handler: () => "export {}" }
}

export default defineConfig({
  input: { orderwatch: "src/main.ts" },
  platform: "node",
  // Native: found in node_modules when a keychain is asked for.
  external: ["@napi-rs/keyring"],
  plugins: [lateSegmenter, noDevtools],
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

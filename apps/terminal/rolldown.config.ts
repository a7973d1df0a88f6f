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
        "{ segment: (text) => (late ??= new Intl.Segmenter($<options>)).segment(text) }; let late"
      )
    }
  }
}

// Ink asks for React's developer tools, which are not here, in a file of their own.
const noDevtools: Plugin = {
  name: "no-devtools",
  load: { filter: { id: /\/ink\/build\/devtools\.js$/ }, handler: () => "export {}" }
}

// `import` reads all that these export, getters too, and thereby loads fetch and WebSocket or Web Crypto: 30 to
// 50 ms that most runs never use.
const lateBuiltins: Plugin = {
  name: "late-builtins",
  resolveId: { filter: { id: /^node:(?:http|crypto)$/ }, handler: (id) => `\0late ${id}` },
  load: {
    filter: { id: /^\0late / },
    handler: (id) => {
      const name = id.slice("\0late ".length)
      const exported = Object.getOwnPropertyDescriptors(process.getBuiltinModule(name))
      return [
        `const all = process.getBuiltinModule("${name}")`,
        "export default all",
        ...Object.entries(exported)
          .filter(([, { get }]) => get === undefined)
          .map(([key]) => `export const ${key} = all.${key}`)
      ].join("\n")
    }
  }
}

// Yoga has its WebAssembly in a string and would load fetch to read that. Without fetch it reads it itself.
const noFetchForYoga: Plugin = {
  name: "no-fetch-for-yoga",
  transform: {
    filter: { id: /\/yoga-wasm-base64-esm\.js$/ },
    handler: (code) => {
      if (!code.includes("typeof fetch"))
        throw new Error("Yoga has changed: mend no-fetch-for-yoga")
      return `var fetch;\n${code}`
    }
  }
}

// Ink measures every line of every frame anew, and most of them are those of the frame before.
const measuredOnce: Plugin = {
  name: "measured-once",
  transform: {
    filter: { id: /\/string-width\/index\.js$/ },
    handler: (code) => {
      const own = "export default function stringWidth("
      if (!code.includes(own)) throw new Error("string-width has changed: mend measured-once")
      return `${code.replace(own, "function measured(")}
        const known = new Map()
        export default function stringWidth(text, options) {
          if (options !== undefined || typeof text !== "string" || text.length > 1000)
            return measured(text, options)
          const before = known.get(text)
          if (before !== undefined) return before
          const width = measured(text)
          if (known.size >= 2000) known.clear()
          known.set(text, width)
          return width
        }`
    }
  }
}

// The same for the cells of each line, which Ink finds out anew for every frame: a third of what a key takes.
const styledOnce: Plugin = {
  name: "styled-once",
  transform: {
    filter: { id: /\/ink\/build\/output\.js$/ },
    handler: (code) => {
      const own = "caches = new OutputCaches();"
      if (!code.includes(own)) throw new Error("Ink's Output has changed: mend styled-once")
      return `${code.replace(own, "caches = lasting();")}
        let kept
        const lasting = () => {
          if (kept === undefined || kept.styledChars.size > 300) kept = new OutputCaches()
          return kept
        }`
    }
  }
}

export default defineConfig({
  input: { orderwatch: "src/main.ts" },
  platform: "node",
  // Native: found in node_modules when a keychain is asked for.
  external: ["@napi-rs/keyring"],
  plugins: [lateSegmenter, noDevtools, lateBuiltins, noFetchForYoga, measuredOnce, styledOnce],
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

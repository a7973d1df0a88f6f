// Lint, and the house's directions (docs/architecture.md): what each room may import.
import { defineConfig, type OxlintOverride } from "oxlint"

/** Each module and everything below it. */
const all = (...modules: ReadonlyArray<string>) => modules.flatMap((name) => [name, `${name}/**`])
const except = (...modules: ReadonlyArray<string>) => all(...modules).map((name) => `!${name}`)

const hono = all("hono", "@hono/*")
const ink = all("ink", "ink-*", "@inkjs/*", "react")
const http = all("effect/http", "effect/http-api")
const durable = all("effect/sql", "effect/cluster", "effect/workflow")
const ourPackages = ["@orderwatch/**"]
const nearby = ["!./**", "!../**"]
// A relative path through a `src` leads into another package; those are imported by name.
const foreign = ["../**/src/**"]

/** The last pattern that matches an import decides; a later room replaces an earlier one. */
const room = (
  files: ReadonlyArray<string>,
  message: string,
  refused: ReadonlyArray<string>
): OxlintOverride => ({
  files: [...files],
  rules: {
    "no-restricted-imports": ["error", { patterns: [{ group: [...refused, ...foreign], message }] }]
  }
})

const rooms = [
  room(["packages/core/src/**"], "core is a client that depends on effect alone.", [
    "*",
    ...except("effect"),
    ...all("effect/cli"),
    ...durable,
    ...nearby
  ]),
  room(
    ["packages/simulator/src/**"],
    "The simulator is Hono and web standards; Node is for serve.ts and main.ts.",
    ["*", ...except("hono"), ...nearby]
  ),
  room(
    ["packages/simulator/src/serve.ts", "packages/simulator/src/main.ts"],
    "The simulator is Hono, web standards and, here, Node.",
    ["*", ...except("hono", "@hono/node-server", "node:*"), ...nearby]
  ),
  room(
    ["packages/simulator/src/scriptText.ts"],
    "The simulator is Hono, web standards and, here, TOML.",
    ["*", ...except("hono", "smol-toml"), ...nearby]
  ),
  room(["packages/runtime/src/**"], "runtime stands on core, effect and Node, and knows no app.", [
    ...ourPackages,
    ...except("@orderwatch/core"),
    ...hono,
    ...ink,
    ...all("effect/cli"),
    ...durable
  ]),
  room(
    ["apps/gateway/src/**"],
    "The gateway stands on runtime and core; SQL, cluster and workflow are for watches.",
    [...ourPackages, ...except("@orderwatch/core", "@orderwatch/runtime"), ...ink, ...durable]
  ),
  room(
    ["apps/gateway/src/watches.ts", "apps/gateway/src/watches/**"],
    "The gateway stands on runtime and core.",
    [...ourPackages, ...except("@orderwatch/core", "@orderwatch/runtime"), ...ink]
  ),
  room(["apps/gateway/src/demo.ts"], "The demo is the gateway over the simulator's fetch.", [
    ...ourPackages,
    ...except("@orderwatch/core", "@orderwatch/runtime", "@orderwatch/simulator"),
    ...hono,
    ...ink,
    ...durable
  ]),
  room(
    ["apps/terminal/src/**"],
    "The terminal stands on runtime and core; Ink and React are for ui, HTTP and the simulator for demo.ts.",
    [
      ...ourPackages,
      ...except("@orderwatch/core", "@orderwatch/runtime"),
      ...hono,
      ...ink,
      ...http,
      ...durable
    ]
  ),
  room(["apps/terminal/src/ui/**"], "A view knows runtime and core, Ink and React.", [
    ...ourPackages,
    ...except("@orderwatch/core", "@orderwatch/runtime"),
    ...hono,
    ...http,
    ...durable
  ]),
  room(["apps/terminal/src/demo.ts"], "The demo is the terminal over the simulator's fetch.", [
    ...ourPackages,
    ...except("@orderwatch/core", "@orderwatch/runtime", "@orderwatch/simulator"),
    ...hono,
    ...ink,
    ...durable
  ])
]

const clock = "Time is Clock's and DateTime's, so that a test can own it."

export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  options: { reportUnusedDisableDirectives: "error" },
  ignorePatterns: ["node_modules", "dist", "reports"],
  rules: {
    eqeqeq: ["error", "always", { null: "ignore" }],
    "no-console": "error",
    "no-param-reassign": "error",
    "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    "no-var": "error",
    "prefer-const": "error",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "oxc/no-barrel-file": ["error", { threshold: 0 }],
    "typescript/ban-ts-comment": "error",
    "typescript/no-explicit-any": "error",
    "typescript/no-import-type-side-effects": "error",
    "typescript/no-non-null-assertion": "error",
    "unicorn/prefer-node-protocol": "error",
    // What was expected, and the output of the program that did otherwise.
    "vitest/valid-expect": ["error", { maxArgs: 2 }],

    // Not ours: Effect's `_tag`, its services as classes, a schema and its type under one name;
    // what a short list costs.
    "consistent-function-scoping": "off",
    "no-await-in-loop": "off",
    "no-control-regex": "off",
    "no-extraneous-class": "off",
    "no-shadow": "off",
    "no-underscore-dangle": "off",
    "oxc/no-map-spread": "off",
    "require-yield": "off",
    "unicorn/prefer-set-has": "off",
    // Assertions stand in helpers and loops too.
    "vitest/expect-expect": "off",
    "vitest/no-conditional-expect": "off"
  },
  overrides: [
    {
      files: ["**/*.config.ts", "vitest.shared.ts"],
      rules: { "import/no-default-export": "off" }
    },
    {
      files: ["tools/**", "packages/simulator/src/main.ts"],
      rules: { "no-console": "off" }
    },
    {
      files: ["packages/core/src/**", "packages/runtime/src/**", "apps/*/src/**"],
      rules: {
        "no-restricted-globals": [
          "error",
          ...["setTimeout", "setInterval", "setImmediate"].map((name) => ({ name, message: clock }))
        ],
        "no-restricted-properties": [
          "error",
          { object: "Date", property: "now", message: clock },
          { object: "performance", property: "now", message: clock },
          { object: "globalThis", property: "setTimeout", message: clock },
          { object: "globalThis", property: "setInterval", message: clock },
          { object: "Math", property: "random", message: "Chance is Random's." }
        ]
      }
    },
    {
      files: ["packages/*/test/**", "apps/*/test/**"],
      rules: {
        "no-restricted-imports": [
          "error",
          {
            patterns: [
              {
                regex: "^\\.\\./(.*/)?(core|simulator|runtime|gateway|terminal)/(src|test)/",
                message: "Another package is imported by its name."
              }
            ]
          }
        ]
      }
    },
    ...rooms
  ]
})

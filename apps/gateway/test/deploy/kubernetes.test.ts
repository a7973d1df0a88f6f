import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Schema } from "effect"
import { validate as configMap } from "kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap"
import { validate as claim } from "kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim"
import { validate as service } from "kubernetes-models/_schemas/IoK8sApiCoreV1Service"
import { validate as deployment } from "kubernetes-models/_schemas/IoK8sApiAppsV1Deployment"
import { parseAllDocuments } from "yaml"
import * as Settings from "../../src/settings.ts"
import { read, root, run } from "./files.ts"

const Named = Schema.Struct({ name: Schema.String })
const Deployment = Schema.Struct({
  spec: Schema.Struct({
    template: Schema.Struct({
      spec: Schema.Struct({
        terminationGracePeriodSeconds: Schema.Number,
        enableServiceLinks: Schema.Boolean,
        volumes: Schema.Array(Named),
        containers: Schema.Tuple([
          Schema.Struct({
            env: Schema.Array(
              Schema.Struct({ name: Schema.String, value: Schema.optionalKey(Schema.String) })
            ),
            lifecycle: Schema.Struct({
              preStop: Schema.Struct({ sleep: Schema.Struct({ seconds: Schema.Number }) })
            }),
            volumeMounts: Schema.Array(
              Schema.Struct({ name: Schema.String, mountPath: Schema.String })
            )
          })
        ])
      })
    })
  })
})

const documents = parseAllDocuments(read("orderwatch-gateway.yaml"))
const [config, volume, workload, network]: ReadonlyArray<unknown> = documents.map((one) =>
  one.toJS()
)

describe("the manifest of Kubernetes", () => {
  it("is YAML without complaint", () => {
    assert.deepEqual(
      documents.flatMap(({ errors, warnings }) => [...errors, ...warnings]),
      []
    )
    assert.lengthOf(documents, 4)
  })

  it("is what the API takes", () => {
    assert.isTrue(configMap(config))
    assert.isTrue(claim(volume))
    assert.isTrue(deployment(workload))
    assert.isTrue(service(network))
    assert.isFalse(deployment(config))
  })

  // The API drops a field that it does not know, without a word.
  it("has no field that the API does not know", () => {
    const types = [
      ["v1/ConfigMap", "IConfigMap", config],
      ["v1/PersistentVolumeClaim", "IPersistentVolumeClaim", volume],
      ["apps/v1/Deployment", "IDeployment", workload],
      ["v1/Service", "IService", network]
    ] as const
    const reports = join(root, "apps/gateway/reports")
    mkdirSync(reports, { recursive: true })
    const directory = mkdtempSync(join(reports, "manifest-"))
    const checked = (odd: string) => {
      const source = types.map(([path, type, value], index) =>
        [
          `import type { ${type} } from "kubernetes-models/${path}"`,
          `export const m${index}: ${type} = ${JSON.stringify(value).replace('"replicas":', `${odd}"replicas":`)}`
        ].join("\n")
      )
      const path = join(directory, "manifest.ts")
      writeFileSync(path, source.join("\n"))
      return run(process.execPath, [
        join(root, "node_modules/typescript/bin/tsc"),
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--types",
        "",
        "--ignoreConfig",
        path
      ])
    }
    try {
      const { output, status } = checked("")
      assert.strictEqual(status, 0, output)
      const odd = checked('"replicaz":1,')
      assert.notStrictEqual(odd.status, 0)
      assert.include(odd.output, "replicaz")
    } finally {
      rmSync(directory, { recursive: true })
    }
  })

  it.effect("sets what the gateway takes", () =>
    Effect.gen(function* () {
      const { containers, enableServiceLinks, terminationGracePeriodSeconds, volumes } =
        Schema.decodeUnknownSync(Deployment)(workload).spec.template.spec
      const [{ env, lifecycle, volumeMounts }] = containers
      const variables = Object.fromEntries(
        env.map(({ name, value = "10.1.2.3" }) => [name, value.replace("$(POD_IP)", "10.1.2.3")])
      )
      const settings = yield* Settings.read().pipe(
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnvRecord(variables)))
      )
      assert.strictEqual(settings.host, "0.0.0.0")
      assert.strictEqual(settings.port, 8780)
      assert.includeMembers([...settings.hosts], ["orderwatch-gateway.orderwatch.svc", "10.1.2.3"])
      const ends = Duration.toSeconds(settings.shutdownWithin) + lifecycle.preStop.sleep.seconds
      assert.isAbove(terminationGracePeriodSeconds, ends)
      // A Service of that name would set ORDERWATCH_GATEWAY_PORT to tcp://….
      assert.isFalse(enableServiceLinks)
      assert.sameMembers(
        volumes.map(({ name }) => name),
        volumeMounts.map(({ name }) => name)
      )
      const mounts = volumeMounts.map(({ mountPath }) => mountPath)
      for (const [name, value] of Object.entries(variables)) {
        if (name.endsWith("_FILE") || name.endsWith("_DIR")) {
          assert.isTrue(
            mounts.some((mount) => value.startsWith(`${mount}/`)),
            name
          )
        }
      }
    })
  )
})

// Access tokens over the file vault, as a command gets them.
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { AccessToken } from "@orderwatch/core/AccessToken"
import { Cloud } from "@orderwatch/core/Cloud"
import { Credential } from "@orderwatch/core/Credential"
import { Login } from "@orderwatch/core/Login"
import { Effect, Layer } from "effect"
import type { FileSystem } from "effect"
import * as HttpClient from "effect/http/HttpClient"
import * as FileVault from "../../src/vaults/file.ts"
import { key } from "./fixtures.ts"

export const tenantId = "partner.example"
export const clientId = "the-client"

export interface TokensOptions {
  readonly path: string
  readonly loginUrl: string
  /** Other files than this machine's. */
  readonly files?: Layer.Layer<FileSystem.FileSystem>
  /** Runs before each request. */
  readonly onAsk?: Effect.Effect<void>
}

export const layer = ({ files, loginUrl, onAsk = Effect.void, path }: TokensOptions) =>
  AccessToken.layer.pipe(
    Layer.provide(Login.layer()),
    Layer.provide(FileVault.layer({ path, key })),
    Layer.provide(files ?? Layer.empty),
    Layer.provide(NodeServices.layer),
    Layer.provide(Cloud.layer("global", { apiUrl: loginUrl, loginUrl })),
    Layer.provide(Credential.layer({ tenantId, clientId, proof: { _tag: "None" } })),
    Layer.provide(
      Layer.effect(
        HttpClient.HttpClient,
        Effect.map(
          HttpClient.HttpClient,
          HttpClient.mapRequestEffect((request) => Effect.as(onAsk, request))
        )
      )
    ),
    Layer.provide(NodeHttpClient.layerNodeHttp)
  )

// What Partner Center's JSON has in common: fields that may be absent or null, links, collections.
import { Schema } from "effect"

/**
 * A field that upstream may leave out. It may also send null: nulls are dropped before decoding (see
 * `decodeBody`), because schemas without them decode several times faster.
 */
export const optional = <S extends Schema.Top>(schema: S): Schema.optionalKey<S> =>
  Schema.optionalKey(schema)

/** Marks a field that nothing here depends on (see `withoutMisfits`). */
export const onlyPassedOn = "@orderwatch/core/onlyPassedOn"

/**
 * A field that upstream may leave out and that is only passed on: nothing here depends on it. One of
 * another shape than the documented is left out by `decodeBody`, and fails nothing.
 */
export const passedOn = <S extends Schema.Top>(schema: S): Schema.optionalKey<S> =>
  Schema.optionalKey(schema).annotateKey({ [onlyPassedOn]: true })

const Header = Schema.Struct({ key: Schema.String, value: optional(Schema.String) })

/**
 * A hypermedia link. Its `uri` is relative and may lack `/v1`; it is read for the ids and tokens in
 * it and is never requested.
 */
export const Link = Schema.Struct({
  uri: optional(Schema.String),
  method: passedOn(Schema.String),
  headers: optional(Schema.Array(Header))
})
export type Link = typeof Link.Type

/** Where a resource itself is. */
export const SelfLink = Schema.Struct({ self: passedOn(Link) })

/** What a resource says of its kind and its version. */
export const Attributes = Schema.Struct({
  objectType: optional(Schema.String),
  etag: passedOn(Schema.String)
})

/** Refuses the JSON of another resource, told by the type that it gives itself. */
export const isObjectType = (...names: ReadonlyArray<string>) =>
  Schema.makeFilter(
    (resource: { readonly attributes?: typeof Attributes.Type | undefined }) => {
      const objectType = resource.attributes?.objectType
      return objectType === undefined || names.includes(objectType)
        ? undefined
        : {
            path: ["attributes", "objectType"],
            issue: `another resource, not ${names.join(" or ")}`
          }
    },
    { title: names.join(" or ") }
  )

/**
 * A collection of resources. `totalCount` counts the items of this answer, not of all pages.
 *
 * `items` may be missing, but then something else must say that this is a collection at all.
 */
export const collection = <S extends Schema.Top>(item: S) =>
  Schema.Struct({
    totalCount: optional(Schema.Finite),
    items: optional(Schema.Array(item)),
    links: optional(Schema.Struct({ self: passedOn(Link), next: optional(Link) })),
    continuationToken: optional(Schema.String),
    attributes: optional(Attributes)
  }).check(isObjectType("Collection"), isCollection)

const isCollection = Schema.makeFilter(
  (resource: {
    readonly items?: ReadonlyArray<unknown> | undefined
    readonly totalCount?: number | undefined
    readonly attributes?: typeof Attributes.Type | undefined
  }) =>
    resource.items !== undefined ||
    resource.totalCount !== undefined ||
    resource.attributes?.objectType === "Collection"
      ? undefined
      : { path: ["items"], issue: "missing" },
  { title: "a collection" }
)

// GUIDs: which ids are, and how ids compare (GUIDs without case, all others exactly).

const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isGuid = (id: string) => pattern.test(id)

/** The form under which an id is looked up. */
export const idKey = (id: string) => (isGuid(id) ? id.toLowerCase() : id)

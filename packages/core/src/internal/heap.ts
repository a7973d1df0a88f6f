// A binary heap that knows where its members are, so that any of them can leave.

/** What a heap keeps in its members: where they are, -1 outside. A member is in one heap at a time. */
export interface Member {
  position: number
}

/** Members by an order of theirs: adding and removing take logarithmic time, all else is at hand. */
export interface Heap<A> {
  readonly size: () => number
  /** All of them, in no order. */
  readonly members: () => ReadonlyArray<A>
  /** The member that comes before all others. */
  readonly first: () => A | undefined
  readonly has: (member: A) => boolean
  readonly add: (member: A) => void
  readonly remove: (member: A) => void
}

/** An empty heap. What `isBefore` compares may not change while a member is in it. */
export const make = <A extends Member>(isBefore: (self: A, that: A) => boolean): Heap<A> => {
  const members: Array<A> = []

  const put = (member: A, position: number) => {
    members[position] = member
    member.position = position
  }

  const rise = (member: A, from: number) => {
    let position = from
    while (position > 0) {
      const above = (position - 1) >> 1
      const parent = members[above]
      if (parent === undefined || !isBefore(member, parent)) break
      put(parent, position)
      position = above
    }
    put(member, position)
  }

  const sink = (member: A, from: number) => {
    let position = from
    for (;;) {
      const [left, right] = [members[2 * position + 1], members[2 * position + 2]]
      const child =
        right !== undefined && left !== undefined && isBefore(right, left) ? right : left
      if (child === undefined || !isBefore(child, member)) break
      const below = child.position
      put(child, position)
      position = below
    }
    put(member, position)
  }

  return {
    size: () => members.length,
    members: () => members,
    first: () => members[0],
    has: (member) => members[member.position] === member,
    add: (member) => rise(member, members.length),
    remove: (member) => {
      const { position } = member
      if (members[position] !== member) return
      member.position = -1
      const last = members.pop()
      if (last === undefined || last === member) return
      const above = members[(position - 1) >> 1]
      if (position > 0 && above !== undefined && isBefore(last, above)) rise(last, position)
      else sink(last, position)
    }
  }
}

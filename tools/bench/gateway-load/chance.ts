// Dice.

/** Whether it falls to that share, of 0 to 1. */
export const chance = (share: number): boolean => Math.random() < share

/** One of the list, all as likely. Throws where there is none. */
export const oneOf = <A>(list: ReadonlyArray<A>): A => {
  const found = list[Math.floor(Math.random() * list.length)]
  if (found === undefined) throw new Error("an empty list")
  return found
}

/** One of the list, as likely as its weight says. Throws where there is none. */
export const weighed = <A>(list: ReadonlyArray<readonly [weight: number, item: A]>): A => {
  let dice = Math.random() * list.reduce((sum, [weight]) => sum + weight, 0)
  const found = list.find(([weight]) => (dice -= weight) < 0)
  if (found === undefined) throw new Error("an empty list")
  return found[1]
}

// How a word or a line's provisioning moves on as the simulator's clock does.

/** Something that becomes something else: the last step whose `from` (ms since the order began) has passed. */
export type Course<A> = ReadonlyArray<{ readonly from: number; readonly is: A }>

export const always = <A>(is: A): Course<A> => [{ from: Number.NEGATIVE_INFINITY, is }]

/** First one, then from `ms` after the beginning the other; more pairs may follow. */
export const becoming = <A>(
  first: A,
  ...then: ReadonlyArray<readonly [ms: number, is: A]>
): Course<A> => [...always(first), ...then.map(([from, is]) => ({ from, is }))]

export const at = <A>(course: Course<A>, elapsed: number): A | undefined =>
  course.findLast((step) => step.from <= elapsed)?.is

/** From `from` until just before `until`, ms since the order began. */
export interface Window {
  readonly from: number
  readonly until: number
}

export const upTo = (until: number): Window => ({ from: Number.NEGATIVE_INFINITY, until })

export const isWithin = ({ from, until }: Window, elapsed: number) =>
  from <= elapsed && elapsed < until

// How the screen is divided: a small terminal has nothing but what matters. Pure.
import { isList } from "./screen.ts"
import type { Screen } from "./screen.ts"
import type { Size } from "./store.ts"

export interface Frame {
  /** Whether there is room for titles, and a line for messages of its own. */
  readonly isRoomy: boolean
  /** How many lines the list or text has. */
  readonly height: number
}

const roomy = 10

export const frameOf = ({ rows }: Size, screen: Pick<Screen, "_tag">): Frame => {
  const isRoomy = rows >= roomy
  // Header and footer; and, with room, a line under the header, the titles of a list, and messages.
  const taken = isRoomy ? (isList(screen) ? 5 : 4) : 2
  return { isRoomy, height: Math.max(1, rows - taken) }
}

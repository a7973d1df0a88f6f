// What every screen has around its list or text. Without Effect, so that a first frame needs none of it.
import { Box, useWindowSize } from "ink"
import type { ReactNode } from "react"
import { Line } from "./components/lines.tsx"
import type { Size } from "./state/store.ts"

// Some consoles scroll when their last cell is written.
const spare = process.platform === "win32" ? 1 : 0

/** How much of the window there is to draw in. */
export const roomOf = ({ columns, rows }: Size): Size => ({
  columns,
  rows: Math.max(1, rows - spare)
})

/** That of the window as it is now. */
export const useSize = (): Size => roomOf(useWindowSize())

export interface FrameProps {
  readonly size: Size
  readonly isRoomy: boolean
  readonly header: string
  readonly title: string
  readonly notice: string
  readonly keys: string
  readonly children: ReactNode
}

export const Frame = ({ children, header, isRoomy, keys, notice, size, title }: FrameProps) => (
  <Box flexDirection="column" width={size.columns} height={size.rows}>
    <Line text={header} />
    {isRoomy && <Line text={title} />}
    {children}
    {isRoomy && <Line text={notice} />}
    <Line text={!isRoomy && notice !== "" ? notice : keys} />
  </Box>
)

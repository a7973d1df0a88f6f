// What every screen has around its list or text. Without Effect, so that a first frame needs none of it.
import { Box, useWindowSize } from "ink"
import type { ReactNode } from "react"
import { Line } from "./components/lines.tsx"
import { spoken } from "./components/spoken.ts"
import type { Size } from "./state/store.ts"

// Some consoles scroll when their last cell is written.
const spare = process.platform === "win32" ? 1 : 0

// Words take more room than glyphs: what is read aloud may break into more lines.
const spareSpoken = 4

/** How much of the window there is to draw in. */
export const roomOf = ({ columns, rows }: Size, isSpoken: boolean): Size => ({
  columns,
  rows: Math.max(1, rows - (isSpoken ? spareSpoken : spare))
})

/** That of the window as it is now. */
export const useSize = (isSpoken: boolean): Size => roomOf(useWindowSize(), isSpoken)

export interface FrameProps {
  readonly size: Size
  readonly isRoomy: boolean
  /** Whether a screen reader reads it. */
  readonly isSpoken: boolean
  readonly header: string
  readonly title: string
  readonly notice: string
  readonly keys: string
  readonly children: ReactNode
}

export const Frame = ({ children, isSpoken, ...props }: FrameProps) => {
  const { header, isRoomy, keys, notice, size, title } = props
  if (isSpoken)
    return (
      <Box flexDirection="column">
        <Line text={spoken(header)} />
        {title !== "" && <Line text={spoken(title)} />}
        {children}
        {notice !== "" && <Line text={spoken(notice)} />}
        <Line text={spoken(keys)} />
      </Box>
    )
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Line text={header} />
      {isRoomy && <Line text={title} />}
      {children}
      {isRoomy && <Line text={notice} />}
      <Line text={!isRoomy && notice !== "" ? notice : keys} />
    </Box>
  )
}

// The first frame, while all that the interface stands on is loaded: the one that the interface itself begins with.
import { Box, useInput, usePaste } from "ink"
import type { Theme } from "../theme.ts"
import { footer } from "./components/footer.ts"
import { header } from "./components/header.ts"
import { Line } from "./components/lines.tsx"
import { spoken, unbroken } from "./components/spoken.ts"
import type { Early } from "./early.ts"
import { Frame, useSize } from "./Frame.tsx"
import { frameOf } from "./state/frame.ts"
import { rooms, screen } from "./state/screen.ts"
import type { Session } from "./state/session.ts"
import { emptyWords, pathOf, titleLine } from "./views/frame.ts"
import { idleKeys } from "./views/idle.ts"

const customers = screen({ _tag: "Customers" })
const loading = { isWaiting: true, error: undefined, isMore: false }

export interface OpeningProps {
  readonly session: Pick<Session, "cloud" | "kind" | "profile">
  readonly theme: Theme
  readonly isSpoken: boolean
  readonly early: Early
}

export const Opening = ({ early, isSpoken, session, theme }: OpeningProps) => {
  const size = useSize(isSpoken)
  useInput((input, key) => early.hear({ _tag: "Input", input, key }))
  usePaste((text) => early.hear({ _tag: "Paste", text }))
  const { height, isRoomy } = frameOf(size, customers)
  const look = { columns: size.columns, theme }
  const whom = header(pathOf(customers), session, {
    ...look,
    ...(isSpoken && { columns: unbroken })
  })
  const title = titleLine({
    screen: customers,
    count: 0,
    height,
    loading,
    isPaused: false,
    kept: { isNotifying: true },
    ...look
  })
  const keys = footer(rooms(customers), {
    ...look,
    without: idleKeys({ stack: [customers], session })
  })
  const words = emptyWords(customers, loading)
  return (
    <Frame header={whom} notice="" {...{ size, isRoomy, isSpoken, title, keys }}>
      {isSpoken ? (
        <Line text={spoken(words)} />
      ) : (
        <Box flexDirection="column">
          {isRoomy && <Line text="" />}
          <Line text={theme.dim(words)} />
          {Array.from({ length: height - 1 }, (_, line) => (
            <Line key={line} text="" />
          ))}
        </Box>
      )}
    </Frame>
  )
}

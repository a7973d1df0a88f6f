// The first frame, while all that the interface stands on is loaded: the one that the interface itself begins with.
import { Box, useInput, usePaste } from "ink"
import type { Theme } from "../theme.ts"
import { footer } from "./components/footer.ts"
import { header } from "./components/header.ts"
import { Line } from "./components/lines.tsx"
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
  readonly early: Early
}

export const Opening = ({ early, session, theme }: OpeningProps) => {
  const size = useSize()
  useInput((input, key) => early.hear({ _tag: "Input", input, key }))
  usePaste((text) => early.hear({ _tag: "Paste", text }))
  const { height, isRoomy } = frameOf(size, customers)
  const look = { columns: size.columns, theme }
  return (
    <Frame
      size={size}
      isRoomy={isRoomy}
      header={header(pathOf(customers), session, look)}
      title={titleLine({
        screen: customers,
        count: 0,
        loading,
        isPaused: false,
        kept: { isNotifying: true },
        ...look
      })}
      notice=""
      keys={footer(rooms(customers), { ...look, without: idleKeys([customers], session) })}
    >
      <Box flexDirection="column" aria-role="list">
        {isRoomy && <Line text="" />}
        <Line text={theme.dim(emptyWords(customers, loading))} />
        {Array.from({ length: height - 1 }, (_, line) => (
          <Line key={line} text="" />
        ))}
      </Box>
    </Frame>
  )
}

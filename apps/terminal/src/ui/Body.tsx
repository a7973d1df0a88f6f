// The list or the text of a screen: the window of it that is shown.
import { Box } from "ink"
import { memo, useMemo } from "react"
import type { ReactNode } from "react"
import { useAtomMount, useAtomValue } from "./bridge.ts"
import { head } from "./components/layout.ts"
import type { Layout } from "./components/layout.ts"
import { Line } from "./components/lines.tsx"
import { spoken, unbroken } from "./components/spoken.ts"
import { fit, pad } from "../render/text.ts"
import type { Theme } from "../theme.ts"
import { uncoloured } from "../theme.ts"
import { keyOf } from "./state/asks.ts"
import type { Asks } from "./state/asks.ts"
import { windowOf } from "./state/place.ts"
import type { CustomerRow, Loading, OrderRow, Row, WatchedRow } from "./state/rows.ts"
import { isList } from "./state/screen.ts"
import type { Screen, Target } from "./state/screen.ts"
import type { Store } from "./state/store.ts"
import { customerLine, customersLayout } from "./views/customers.ts"
import { emptyWords } from "./views/frame.ts"
import { orderLine, ordersLayout } from "./views/orders.ts"
import { watchedLine, watchlistLayout } from "./views/watchlist.ts"

// Which one is selected, and whether it is watched.
const marker = (isSelected: boolean, isWatched: boolean): string =>
  `${isSelected ? "›" : " "}${isWatched ? "★" : " "}`
const gutter = 2

export interface BodyProps {
  readonly screen: Screen
  readonly rows: ReadonlyArray<Row>
  readonly loading: Loading
  readonly height: number
  readonly isRoomy: boolean
  readonly store: Store
  readonly asks: Asks
}

export const Body = ({ asks, height, isRoomy, loading, rows, screen, store }: BodyProps) => {
  const { columns } = useAtomValue(store.size)
  const { theme } = store
  const listed = isList(screen)
  const { at, from, to } = windowOf(screen.place, { rows, height, isList: listed })
  const { isSpoken } = store
  const width = isSpoken ? unbroken : columns - gutter
  const made = useMemo(() => layoutOf(screen._tag, width), [screen._tag, width])
  if (isSpoken && listed) {
    const row = rows[at]
    const position = `${at + 1} of ${rows.length}`
    if (row === undefined || made === undefined)
      return <Line text={spoken(emptyWords(screen, loading))} />
    return (
      <Box flexDirection="column">
        <Line text={spoken(head(made, theme.dim))} />
        <RowLine row={row} isSelected {...{ position, made, width: columns, store, asks }} />
      </Box>
    )
  }
  const shown = rows.slice(from, to)
  const blank = isSpoken
    ? 0
    : Math.max(0, height - Math.max(shown.length, rows.length === 0 ? 1 : 0))
  return (
    <Box flexDirection="column">
      {isRoomy && made !== undefined && (
        <Line text={rows.length === 0 ? "" : `  ${head(made, theme.dim)}`} />
      )}
      {rows.length === 0 && <Line text={theme.dim(emptyWords(screen, loading))} />}
      {shown.map((row, offset) => (
        <RowLine
          key={row.key}
          row={row}
          isSelected={listed && from + offset === at}
          made={made}
          width={columns}
          store={store}
          asks={asks}
        />
      ))}
      {Array.from({ length: blank }, (_, line) => (
        <Line key={`blank ${line}`} text="" />
      ))}
    </Box>
  )
}

const layoutOf = (tag: Screen["_tag"], width: number): Layout | undefined => {
  switch (tag) {
    case "Customers":
      return customersLayout(width)
    case "Orders":
      return ordersLayout(width)
    case "Watchlist":
      return watchlistLayout(width)
    default:
      return undefined
  }
}

interface RowProps {
  readonly row: Row
  readonly isSelected: boolean
  /** Where in the list it is, for who hears it alone. */
  readonly position?: string
  readonly made: Layout | undefined
  readonly width: number
  readonly store: Store
  readonly asks: Asks
}

// Drawn anew only where the row, or whether it is selected, has changed.
const RowLine = memo(({ row, ...props }: RowProps): ReactNode => {
  switch (row._tag) {
    case "Text":
      return <Line text={row.text} />
    case "Customer":
      return <CustomerLine row={row} {...props} />
    case "Order":
      return row.target === undefined ? (
        <NamelessLine row={row} {...props} />
      ) : (
        <OrderLine row={row} target={row.target} {...props} />
      )
    case "Watched":
      return <WatchedLine row={row} {...props} />
  }
})

type Of<R extends Row> = Omit<RowProps, "row"> & { readonly row: R }

// What is selected is marked, and turned around where colours are shown: colours of its own would be lost.
const Marked = ({
  isSelected,
  isWatched = false,
  position,
  text,
  theme,
  width
}: {
  readonly isSelected: boolean
  readonly isWatched?: boolean
  readonly position?: string
  readonly text: (theme: Theme) => string
  readonly theme: Theme
  readonly width: number
}) => (
  <Line
    text={
      position !== undefined
        ? `${position}${isWatched ? ", watched" : ""}: ${spoken(text(uncoloured))}`
        : isSelected
          ? theme.inverse(pad(fit(marker(true, isWatched) + text(uncoloured), width), width))
          : marker(false, isWatched) + text(theme)
    }
  />
)

const CustomerLine = ({ made, row, store, ...props }: Of<CustomerRow>) => (
  <Marked
    {...props}
    theme={store.theme}
    text={(theme) => (made === undefined ? "" : customerLine(row, made, theme))}
  />
)

const NamelessLine = ({ made, row, store, ...props }: Of<OrderRow>) => {
  const now = useAtomValue(store.minutes)
  const text = (theme: Theme) =>
    made === undefined ? "" : orderLine(row, undefined, made, { theme, now })
  return <Marked {...props} theme={store.theme} text={text} />
}

const OrderLine = ({
  asks,
  made,
  row,
  store,
  target,
  ...props
}: Of<OrderRow> & { readonly target: Target }) => {
  // Asks for it, for as long as the row is in sight.
  useAtomMount(asks.look(target))
  const seen = useAtomValue(asks.seen(target))
  const now = useAtomValue(store.minutes)
  const isWatched = useAtomValue(store.kept).watched.some(
    ({ customerId, orderId }) => keyOf({ customer: { id: customerId }, orderId }) === row.key
  )
  const text = (theme: Theme) =>
    made === undefined ? "" : orderLine(row, seen, made, { theme, now })
  return <Marked {...props} isWatched={isWatched} theme={store.theme} text={text} />
}

const WatchedLine = ({ made, row, store, ...props }: Of<WatchedRow>) => {
  const now = useAtomValue(store.minutes)
  const isFlashing = useAtomValue(store.flashing).has(row.key)
  const isPaused = useAtomValue(store.isPaused)
  const text = (theme: Theme) =>
    made === undefined ? "" : watchedLine(row, made, { theme, now, isFlashing, isPaused })
  return <Marked {...props} theme={store.theme} text={text} />
}

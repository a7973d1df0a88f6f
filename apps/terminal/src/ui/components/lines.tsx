// Lines of the screen: plain ones, and those of a list of which one is selected.
import { Box, Text } from "ink"
import { memo } from "react"

/** One line; what is too long for it is cut off. */
export const Line = memo(({ text }: { readonly text: string }) => (
  <Text wrap="truncate">{text === "" ? " " : text}</Text>
))

/** One line of a list. */
export const ListLine = memo(
  ({ isSelected, text }: { readonly text: string; readonly isSelected: boolean }) => (
    <Box aria-role="listitem" aria-state={{ selected: isSelected }}>
      <Text wrap="truncate">{text === "" ? " " : text}</Text>
    </Box>
  )
)

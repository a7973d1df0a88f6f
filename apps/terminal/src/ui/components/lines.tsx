// A line of the screen.
import { Text } from "ink"
import { memo } from "react"

/** One line; what is too long for it is cut off. */
export const Line = memo(({ text }: { readonly text: string }) => (
  <Text wrap="truncate">{text === "" ? " " : text}</Text>
))

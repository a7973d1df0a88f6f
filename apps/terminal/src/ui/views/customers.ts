// The partner's customers, a line each.
import type { Theme } from "../../theme.ts"
import { layout, row } from "../components/layout.ts"
import type { Layout } from "../components/layout.ts"
import type { CustomerRow } from "../state/rows.ts"

export const customersLayout = (width: number): Layout =>
  layout(
    [
      { title: "Customer", least: 20, most: 36 },
      { title: "Domain", least: 24, most: 36, isOptional: true },
      { title: "Customer id", least: 36, isOptional: true },
      { title: "", least: 6, isOptional: true }
    ],
    width
  )

export const customerLine = (
  { domain, isRecent, name, whom, key }: CustomerRow,
  made: Layout,
  theme: Theme
): string =>
  row(made, [
    { text: name },
    { text: domain },
    { text: whom?.id ?? key, style: theme.dim },
    { text: isRecent ? "recent" : "", style: theme.dim }
  ])

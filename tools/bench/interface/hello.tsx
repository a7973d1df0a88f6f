// The least that Ink can show: what the first frame of the interface is measured against.
import { render, Text } from "ink"

render(<Text>hello</Text>, { alternateScreen: true, interactive: true })

// The least that Ink can do with a key: what a key in the interface is measured beside.
import { render, Text, useInput } from "ink"
import { useState } from "react"

const Echo = () => {
  const [count, setCount] = useState(0)
  useInput(() => setCount(count + 1))
  return <Text>keys: {count}</Text>
}

render(<Echo />, { alternateScreen: true, interactive: true, maxFps: 60 })

// `orderwatch wait`: until orders have settled, silent but for what it came to.
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import { report } from "../failure.ts"
import { config, run } from "./follow.ts"
import type { Input } from "./follow.ts"

export const wait = Command.make("wait", config, (input: Input) =>
  run({ isEachChange: false })(input).pipe(Effect.catch(report))
).pipe(
  Command.withDescription(
    "Wait until an order, or several, have settled: fulfilled, or known not to be."
  ),
  Command.withShortDescription("Wait until orders have settled"),
  Command.withExamples([
    {
      command:
        "orderwatch wait fabrikam.onmicrosoft.com 9qg-ErcO-4MPbPqq_3MIQaS7bn8W6HfG1 --timeout 2h",
      description: "Go on in a script when the order is there"
    },
    {
      command: "orderwatch wait - --json < orders.csv",
      description: "Wait for a list, and tell a program"
    }
  ])
)

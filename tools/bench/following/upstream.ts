// A simulator in a process of its own, so that heap and time of those who ask are theirs alone. Its
// argument is how many orders it has.
import { serve } from "@orderwatch/simulator/serve"
import { make } from "@orderwatch/simulator/Simulator"
import { script } from "./orders.ts"
import { endWithStarter, say } from "../part.ts"

endWithStarter()
const simulator = make({ orders: [script(Number(process.argv[2]))], keepRequests: 200_000 })
const { url } = await serve(simulator)
say({ url, credentials: simulator.credentials })

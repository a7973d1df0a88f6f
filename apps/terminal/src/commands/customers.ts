// `orderwatch customers`: whom orders can be asked for.
import { PartnerCenter } from "@orderwatch/core/PartnerCenter"
import { plain } from "@orderwatch/core/text"
import { Effect, Stream } from "effect"
import * as Command from "effect/cli/Command"
import { report } from "../failure.ts"
import { result, view } from "../output.ts"
import { table } from "../render/text.ts"
import { withServices } from "../session.ts"

export const customers = Command.make(
  "customers",
  {},
  Effect.fnUntraced(function* () {
    yield* withServices(
      Effect.gen(function* () {
        const partnerCenter = yield* PartnerCenter
        const found = yield* Stream.runCollect(partnerCenter.customers())
        yield* result(
          () =>
            found.map(({ companyProfile, id, relationshipToPartner }) => ({
              customerId: id,
              name: companyProfile?.companyName,
              domain: companyProfile?.domain,
              relationship: relationshipToPartner
            })),
          Effect.map(view, (view) =>
            found.length === 0
              ? ["No customers."]
              : table(
                  [
                    { title: "Customer", isFlexible: true },
                    { title: "Domain" },
                    { title: "Id", isOptional: true }
                  ],
                  found.map(({ companyProfile, id }) => [
                    { text: plain(companyProfile?.companyName ?? "—") },
                    { text: plain(companyProfile?.domain ?? "—") },
                    { text: plain(id), style: "dim" as const }
                  ]),
                  view
                )
          )
        )
      })
    )
  }, Effect.catch(report))
).pipe(
  Command.withDescription("List the partner's customers, with their ids and domains."),
  Command.withShortDescription("The partner's customers")
)

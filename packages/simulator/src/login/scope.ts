// Which resource a scope asks for.
import * as errors from "../loginErrors.ts"
import { clouds } from "../token.ts"

export interface Scope {
  /** The audience of the access token. */
  readonly resource: string
  /** Each word that was asked for. */
  readonly asked: ReadonlyArray<string>
}

/** The one resource whose permissions are asked for. */
export const readScope = (scope: string): Scope | errors.LoginError => {
  const asked = scope.split(" ").filter((word) => word !== "")
  const own = clouds.find((resource) =>
    asked.some(
      (word) => word === `${resource}/.default` || word === `${resource}/user_impersonation`
    )
  )
  if (own !== undefined) return { resource: own, asked }
  const other = asked.find((word) => /^(https|api):\/\/[^/]+\/[^/]+$/.test(word))
  if (other === undefined || clouds.some((resource) => other.startsWith(`${resource}/`)))
    return errors.scopeInvalid(scope)
  return errors.resourceUnknown(other.replace(/\/[^/]+$/, ""))
}

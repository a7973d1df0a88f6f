// The login's pages, which people and headless browsers see: plain forms, no script of importance.
import { html } from "hono/html"
import type { LoginError } from "../loginErrors.ts"
import type { Client } from "./clients.ts"
import type { User } from "./users.ts"

type Html = ReturnType<typeof html>

const style = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
fieldset { border: 1px solid #8888; border-radius: 6px; margin: 1rem 0 }
label { display: block; padding: .3rem 0 }
label span { display: block; margin-left: 1.6rem; opacity: .75; font-size: .875rem }
button, input[type=text] { font: inherit; padding: .4rem 1.2rem; margin-right: .5rem }
[role=alert] { border-left: 4px solid #c50f1f; padding-left: .75rem }
footer { margin-top: 3rem; opacity: .75; font-size: .875rem }
`

/** A whole page under the headers of the login. */
export const page = async (status: number, now: number, title: string, content: Html) => {
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
        <footer>A simulator of Microsoft's login: these people do not exist.</footer>
      </body>
    </html> `
  return new Response(text.toString(), {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store, no-cache",
      Date: new Date(now).toUTCString()
    }
  })
}

export const problem = (error: LoginError | undefined) =>
  error === undefined ? html`` : html`<p role="alert">AADSTS${error.code}: ${error.text}</p>`

const fields = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" /> `
  )

const permissions: ReadonlyMap<string, string> = new Map([
  ["offline_access", "Maintain access to data you have given it access to"],
  ["openid", "Sign you in"],
  ["profile", "View your basic profile"]
])

export interface SignInForm {
  readonly client: Client
  readonly scope: string
  readonly users: ReadonlyArray<User>
  /** Who is chosen already. */
  readonly hint?: string | undefined
  readonly asksMfa: boolean
  /** What goes back with the answer. */
  readonly hidden?: Readonly<Record<string, string>>
  readonly problem?: LoginError | undefined
}

/** Who signs in, to what, and whether they accept it; posts `user` and `answer` to its own address. */
export const signInForm = (form: SignInForm) => {
  const asked = form.scope.split(" ").filter((word) => word !== "")
  const chosen = form.users.find(({ upn }) => upn === form.hint?.toLowerCase()) ?? form.users[0]
  return html`${problem(form.problem)}
    <form method="post">
      ${fields(form.hidden ?? {})}
      <fieldset>
        <legend>Sign in as</legend>
        ${form.users.map(
          (user) =>
            html`<label
              ><input
                type="radio"
                name="user"
                value="${user.upn}"
                ${user === chosen ? html` checked` : ""}
              />
              ${user.name}<span>${user.upn}: ${user.shows}</span></label
            > `
        )}
      </fieldset>
      ${form.asksMfa ? html`<p>This sign-in asks for multi-factor authentication: accepting it is your second factor.</p>` : ""}
      <p><strong>${form.client.name}</strong> would like to:</p>
      <ul>
        ${asked.map((word) => html`<li>${permissions.get(word) ?? "Access Partner Center as you"}</li> `)}
      </ul>
      <button name="answer" value="accept">Accept</button>
      <button name="answer" value="cancel">Cancel</button>
    </form> `
}

/** Sends fields to another address by a form that needs no hand. */
export const postTo = (address: string, values: Readonly<Record<string, string>>) =>
  html`<form method="post" action="${address}">
      ${fields(values)}
      <button>Continue</button>
    </form>
    <script>
      document.forms[0].submit()
    </script> `

export const codeForm = (userCode: string, error?: LoginError) =>
  html`${problem(error)}
    <form method="post">
      <label for="code">Enter the code that the app shows, to allow it access</label>
      <input
        type="text"
        id="code"
        name="code"
        value="${userCode}"
        autocomplete="off"
        autofocus
        required
      />
      <button>Next</button>
    </form> `

export const words = (text: string) => html`<p>${text}</p> `

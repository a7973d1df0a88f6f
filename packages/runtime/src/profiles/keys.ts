// What a profile may say, and how each is called in the environment.

/** The keys of a profile. Those of the group belong together: who signs in, how, and where. */
export const keys = {
  cloud: { variable: "PARTNER_CENTER_CLOUD", isGroup: true },
  tenant_id: { variable: "PARTNER_CENTER_TENANT_ID", isGroup: true },
  client_id: { variable: "PARTNER_CENTER_CLIENT_ID", isGroup: true },
  client_certificate_file: { variable: "PARTNER_CENTER_CLIENT_CERTIFICATE_FILE", isGroup: true },
  api_url: { variable: "PARTNER_CENTER_API_URL", isGroup: true },
  login_url: { variable: "PARTNER_CENTER_LOGIN_URL", isGroup: true },
  locale: { variable: "PARTNER_CENTER_LOCALE", isGroup: false },
  attempt_timeout: { variable: "PARTNER_CENTER_ATTEMPT_TIMEOUT", isGroup: false },
  deadline: { variable: "PARTNER_CENTER_DEADLINE", isGroup: false },
  requests_per_minute: { variable: "PARTNER_CENTER_REQUESTS_PER_MINUTE", isGroup: false },
  vault: { variable: "ORDERWATCH_VAULT", isGroup: false }
} as const satisfies Record<string, { readonly variable: string; readonly isGroup: boolean }>

export type ProfileKey = keyof typeof keys
export type Variable = (typeof keys)[ProfileKey]["variable"]

export const isKey = (name: string): name is ProfileKey => Object.hasOwn(keys, name)
export const profileKeys: ReadonlyArray<ProfileKey> = Object.keys(keys).filter(isKey)

/** What a profile sets, each as it is written. */
export type ProfileValues = Readonly<Partial<Record<ProfileKey, string>>>

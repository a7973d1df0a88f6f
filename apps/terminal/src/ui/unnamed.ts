// Nobody to ask, since no tenant or client is named yet: no fault, but where everybody begins.

/** Whether that is what is said of the settings. */
export const isUnnamed = (said = ""): boolean =>
  /^PARTNER_CENTER_(?:TENANT|CLIENT)_ID is not set/.test(said)

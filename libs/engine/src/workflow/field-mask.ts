/** Paths of a field mask in the form in which fields are named here: `retry_policy.initial_interval` → `retryPolicy.initialInterval`. */
export const maskedFields = (paths: readonly string[]): ReadonlySet<string> =>
  new Set(paths.map((path) => path.replace(/_+([a-zA-Z0-9])/g, (_match, letter: string) => letter.toUpperCase())));

/** Whether the mask names the field or a part of it. */
export const namesField = (fields: ReadonlySet<string>, name: string): boolean =>
  fields.has(name) || [...fields].some((field) => field.startsWith(`${name}.`));

/** The `filters` parameter of the API: for each key, the values of which one must match. */
export type Filters = Readonly<Record<string, readonly string[]>>;

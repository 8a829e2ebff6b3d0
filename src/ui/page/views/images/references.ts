export interface SplitReference {
  readonly repository: string;
  /** Empty: none was given. */
  readonly tag: string;
}

/** `localhost:5000/app:1.0` is `localhost:5000/app` and `1.0`: a colon before a slash belongs to the address. */
export function splitReference(reference: string): SplitReference {
  const at = reference.lastIndexOf(":");
  if (at < 0 || at < reference.lastIndexOf("/")) return { repository: reference, tag: "" };
  return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
}

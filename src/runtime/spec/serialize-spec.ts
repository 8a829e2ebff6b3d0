import type { OciSpec } from "./oci-spec.ts";

/** How JSON.stringify writes RLIM_INFINITY, which no JavaScript number holds, and what the runtimes must read. */
const rounded = /:18446744073709552000\b/g;
const exact = ":18446744073709551615";

/** The text of a bundle's config.json. */
export function serializeSpec(spec: OciSpec): string {
  return withExactNumbers(JSON.stringify(spec));
}

/** Puts right what JSON.stringify rounded: runtimes refuse the rounded number. */
export function withExactNumbers(json: string): string {
  return json.replace(rounded, exact);
}

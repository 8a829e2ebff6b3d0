import type { WireAddress } from "../../platform/unix-fetch.ts";

/** Where the engine is, and what lets one in there. The page learns neither. */
export interface EngineLine {
  readonly address: WireAddress;
  readonly token?: string | undefined;
}

export function engineHeaders({ token }: EngineLine): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

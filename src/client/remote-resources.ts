import type { ContainerResourceService } from "../engine/container-resources.ts";
import type { ContainerStats } from "../engine/types/stats.ts";
import { pathOf, type Wire } from "./wire.ts";

/** What containers of an engine behind a socket use, and may use. */
export function remoteResources(wire: Wire): ContainerResourceService {
  const at = (name: string, rest: string) => `/containers/${pathOf(name)}${rest}`;
  return {
    stats: (name, o) => {
      const query = { stream: o?.stream === false ? 0 : 1, "one-shot": o?.oneShot };
      const lines = wire.lines("GET", at(name, "/stats"), { query, signal: o?.signal });
      return lines as AsyncIterable<object> as AsyncIterable<ContainerStats>;
    },
    update: (name, update, o) => wire.json("POST", at(name, "/update"), { json: update, signal: o?.signal }),
  };
}

import { SlipwayError } from "../../errors.ts";
import type { Scope } from "./access-service.ts";

/**
 * The parts of an engine that can be allowed one by one. Those with `read` and `write` can be allowed by half. `host`:
 * what reaches beyond containers into the machine, such as binds, privileges and the host's namespaces.
 */
const areas: Readonly<Record<string, readonly string[]>> = {
  containers: ["read", "write"],
  files: ["read", "write"],
  images: ["read", "write"],
  networks: ["read", "write"],
  volumes: ["read", "write"],
  system: ["read", "write"],
  logs: [],
  attach: [],
  exec: [],
  build: [],
  registry: [],
  events: [],
  host: [],
};

/** `containers:read`, `logs`, …: what a route may ask for. */
export const permissions: readonly string[] = Object.entries(areas).flatMap(([area, kinds]) =>
  kinds.length === 0 ? [area] : kinds.map((kind) => `${area}:${kind}`),
);

/** Whether the scope has the permission, its whole area, or everything (`*`). */
export function allows({ allow }: Pick<Scope, "allow">, permission: string): boolean {
  const [area = ""] = permission.split(":");
  return allow.includes("*") || allow.includes(permission) || allow.includes(area);
}

/** Throws `invalid_argument` when a word means nothing, or nothing is allowed. */
export function checkScope({ allow, labels }: Scope): void {
  const known = new Set(["*", ...permissions, ...Object.keys(areas)]);
  const odd = allow.find((word) => !known.has(word));
  if (odd !== undefined) {
    const words = ["*", ...Object.keys(areas), ...permissions.filter((word) => word.includes(":"))].join(
      ", ",
    );
    throw new SlipwayError("invalid_argument", `Unknown permission "${odd}": expected some of ${words}`);
  }
  if (allow.length === 0)
    throw new SlipwayError("invalid_argument", "A scope allows something: give --allow");
  const label = labels.find((text) => !/^[^=\s"]+=[^"\n]*$/.test(text));
  if (label !== undefined)
    throw new SlipwayError("invalid_argument", `Invalid label "${label}": expected key=value`);
}

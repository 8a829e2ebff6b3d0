import { parseExposed, parsePortSpecs } from "../../network/parse.ts";
import type { PortMap } from "../../engine/types/container-config.ts";

/** `PortBindings` for `-p`. Pure. */
export function portBindings(publish: readonly string[]): PortMap {
  return parsePortSpecs(publish).bindings;
}

/** `ExposedPorts` for `--expose` and `-p`: a published port is exposed as well. Pure. */
export function exposedPorts(expose: readonly string[], publish: readonly string[]): Record<string, object> {
  const own = expose.flatMap(parseExposed).map((port) => [port, {}] as const);
  return { ...Object.fromEntries(own), ...parsePortSpecs(publish).exposed };
}

import { posix } from "node:path";
import { SlipwayError } from "../errors.ts";
import { mountRequest, type MountRequest } from "./mount-request.ts";

const propagations = ["shared", "rshared", "slave", "rslave", "private", "rprivate"];

/** The later ones say whether the mounts below are meant as well: never, or in any case. */
const readOnlyWords: readonly string[] = ["ro", "ro-non-recursive", "ro-force-recursive", "rro"];

/** Each group may be named once. `z` and `Z` (SELinux labels) have no effect on a host without SELinux, as in Docker. */
const groups: readonly (readonly string[])[] = [
  [...readOnlyWords, "rw"],
  ["z", "Z"],
  ["nocopy", "copy"],
  ["consistent", "cached", "delegated", "default"],
  propagations,
];

/**
 * Parses a value of `-v` as the engine gets it: `[SOURCE:]TARGET[:MODE]`. An absolute source is a path of the host,
 * else the name of a volume; without a source the volume is anonymous. Pure. Throws `invalid_argument` in Docker's words.
 */
export function parseBind(spec: string): MountRequest {
  const parts = spec.split(":");
  if (parts.length > 3 || parts.some((part) => part === "")) throw invalidSpec(spec);
  const [first = "", second, mode = ""] = parts;
  if (second === undefined) return anonymous(spec, first);
  if (parts.length === 2 && isMode(second)) throw invalidSpec(spec);
  if (parts.length === 3 && !isMode(mode))
    throw new SlipwayError("invalid_argument", `invalid mode: ${mode}`);
  const words = mode === "" ? [] : mode.split(",");
  const propagation = words.find((word) => propagations.includes(word));
  const isPath = first.startsWith("/");
  if (!isPath && propagation !== undefined) throw invalidSpec(spec);
  if (isPath && words.includes("nocopy")) throw invalidSpec(spec);
  const type = isPath ? "bind" : "volume";
  return mountRequest({
    type,
    source: isPath ? posix.normalize(first).replace(/(?<=.)\/$/, "") : first,
    target: checkTarget(spec, second, type),
    readOnly: words.some((word) => readOnlyWords.includes(word)),
    writableBelow: words.includes("ro-non-recursive"),
    readOnlyBelow: words.includes("ro-force-recursive") || words.includes("rro"),
    mode,
    createSource: isPath,
    noCopy: words.includes("nocopy"),
    ...(isPath ? { propagation: propagation ?? "" } : {}),
  });
}

/** The clean target; throws for a relative one and for the root. */
export function cleanTarget(target: string, type: string): string {
  const what = `invalid mount config for type "${type}"`;
  if (!target.startsWith("/")) {
    throw new SlipwayError(
      "invalid_argument",
      `${what}: invalid mount path: '${target}' mount path must be absolute`,
    );
  }
  const clean = posix.normalize(target).replace(/(?<=.)\/$/, "");
  if (clean === "/") {
    throw new SlipwayError("invalid_argument", `${what}: invalid specification: destination can't be '/'`);
  }
  return clean;
}

function anonymous(spec: string, target: string): MountRequest {
  return mountRequest({ type: "volume", target: checkTarget(spec, target, "volume") });
}

function checkTarget(spec: string, target: string, type: string): string {
  try {
    return cleanTarget(target, type);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : "";
    throw new SlipwayError("invalid_argument", `invalid volume specification: '${spec}': ${message}`, {
      cause,
    });
  }
}

function isMode(text: string): boolean {
  const words = text.split(",");
  const known = words.every((word) => groups.some((group) => group.includes(word)));
  return known && groups.every((group) => words.filter((word) => group.includes(word)).length <= 1);
}

function invalidSpec(spec: string): SlipwayError {
  return new SlipwayError("invalid_argument", `invalid volume specification: '${spec}'`);
}

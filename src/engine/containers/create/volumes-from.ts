import { SlipwayError } from "../../../errors.ts";
import type { ContainerHost } from "../host.ts";
import { existing } from "./check-create.ts";
import type { RecordedMount } from "../record.ts";

/**
 * The binds, volumes and images of the containers that `--volumes-from NAME[:ro|rw]` names; of one target the last
 * one's. Throws `invalid_argument` in Docker's words.
 */
export function mountsFrom(
  host: Pick<ContainerHost, "store">,
  words: readonly string[] | null | undefined,
): RecordedMount[] {
  const byTarget = new Map<string, RecordedMount>();
  for (const word of words ?? []) {
    const { name, readOnly } = parseVolumesFrom(word);
    const other = existing("--volumes-from", () => host.store.get(name));
    for (const { request, point } of other.mounts) {
      if (request.type === "tmpfs") continue;
      const access = request.readOnly || readOnly;
      byTarget.set(request.target, {
        request: { ...request, readOnly: access },
        point: { ...point, RW: !access },
      });
    }
  }
  return [...byTarget.values()];
}

function parseVolumesFrom(word: string): { name: string; readOnly: boolean } {
  if (word === "") throw invalid("volumes-from specification cannot be an empty string");
  const colon = word.indexOf(":");
  const [name, mode] = colon < 0 ? [word, "rw"] : [word.slice(0, colon), word.slice(colon + 1)];
  const options = mode.split(",");
  const known = options.every((option) => /^(rw|ro|z|Z)$/.test(option));
  if (
    !known ||
    new Set(options).size !== options.length ||
    (options.includes("ro") && options.includes("rw"))
  )
    throw invalid(`invalid mode: ${mode}`);
  return { name, readOnly: options.includes("ro") };
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}

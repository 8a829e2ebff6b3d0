import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../../../image/check/problem.ts";
import type { ContainerHost } from "../../containers/host.ts";

/** Volumes whose directory is gone, and data that no volume has, which are somebody's and never removed. */
export async function* checkVolumes({ volumes, root }: ContainerHost): AsyncGenerator<Problem> {
  for (const { name } of volumes.list()) {
    const path = volumes.path(name);
    if (existsSync(path)) continue;
    const run = async () => void (await mkdir(path, { recursive: true, mode: 0o755 }));
    const what = `Volume "${name}": its directory is gone`;
    yield { kind: "volume", what, repair: { how: "make it again, empty", run } };
  }
  for (const name of await readdir(join(root, "volumes")).catch(() => [])) {
    if (volumes.find(name) !== undefined) continue;
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name) || !existsSync(volumes.path(name))) {
      const advice = "remove it if it is nothing of yours";
      yield { kind: "leftover", what: `"volumes/${name}" belongs to no volume`, advice };
      continue;
    }
    const run = async () => void (await volumes.create({ name }));
    const what = `"volumes/${name}" has data that no volume has`;
    yield { kind: "volume", what, repair: { how: `make it the volume "${name}"`, run } };
  }
}

import { join } from "node:path";
import type { Mount } from "../../oci/mount.ts";
import { makeMountPoints, withLowest } from "../../runtime/mount-points.ts";
import { initPath } from "../../runtime/spec/default-mounts.ts";
import type { ContainerHost } from "./host.ts";
import type { ContainerRecord } from "./record.ts";

/** What Docker puts into every container, and programs look for. */
const files = ["/.dockerenv", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf"];

/**
 * The mounts of a container's root. Mount points of the runtime lie below all its layers, in `<root>/mount-points`, so
 * that none is made in the layer that the container writes: a commit holds what its processes did.
 */
export async function rootMounts(
  host: Pick<ContainerHost, "root" | "snapshotter">,
  { id, hostConfig }: ContainerRecord,
): Promise<readonly Mount[]> {
  const mounts = await host.snapshotter.mounts(id);
  const hasInit = hostConfig.Init === true;
  const path = join(host.root, "mount-points", hasInit ? "init" : "plain");
  makeMountPoints(path, { files: hasInit ? [...files, initPath] : files });
  return withLowest(mounts, path);
}

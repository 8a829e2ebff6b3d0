import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { detachMount } from "../platform/mount.ts";

/** Makes the directory for mount points and bundles, and takes away what a killed engine left in it. */
export function clearRunDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  for (const name of readdirSync(path)) {
    const left = join(path, name);
    while (detachMount(left));
    rmSync(left, { recursive: true, force: true });
  }
}

import { mkdirSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import type { Mount } from "../oci/mount.ts";

/** Directories that every runtime mounts something on. */
const systemDirectories = ["/proc", "/sys", "/dev"];

/**
 * Makes a directory with empty mount points, absolute in it, to stand below all layers of a root filesystem
 * ({@link withLowest}): names the image has cover them, and the runtime finds all it needs without making anything in
 * the layer that is written. Those of the runtime itself come by themselves. Idempotent. Synchronous.
 */
export function makeMountPoints(
  path: string,
  points: { readonly files: readonly string[]; readonly directories?: readonly string[] },
): void {
  for (const directory of [...systemDirectories, ...(points.directories ?? [])]) {
    mkdirSync(path + directory, { recursive: true, mode: 0o755 });
  }
  for (const file of points.files) {
    mkdirSync(path + posix.dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(path + file, "", { mode: 0o644, flag: "a" });
  }
}

/** The mounts with the directory `lowest` under all others. What is no overlay stays as it is. */
export function withLowest(mounts: readonly Mount[], lowest: string): readonly Mount[] {
  const added = (option: string) => (option.startsWith("lowerdir=") ? `${option}:${lowest}` : option);
  return mounts.map((mount) =>
    mount.type === "overlay" ? { ...mount, options: mount.options.map(added) } : mount,
  );
}

import { rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { detachMount } from "../../platform/mount.ts";
import { copyUp } from "../../volume/copy-up.ts";
import type { ContainerPaths } from "./document.ts";
import { closeImageViews } from "./image-mounts.ts";
import { writeNetworkFiles } from "./network-files.ts";
import type { ContainerHost } from "./host.ts";
import type { Netns } from "./network.ts";
import type { ContainerRecord } from "./record.ts";
import { specInput } from "./spec-input.ts";
import { makeWorkingDirectory } from "./working-directory.ts";
import { toRuntimeSpec } from "../../runtime/spec/to-runtime-spec.ts";

/**
 * Writes everything the OCI runtime needs beside the mounted root: config.json, hosts, hostname, resolv.conf. Fills
 * empty volumes with what the image has there. Warnings of the specification go to the host's log.
 */
export async function writeBundle(
  host: ContainerHost,
  record: ContainerRecord,
  paths: ContainerPaths,
  netns: Netns,
): Promise<void> {
  makeWorkingDirectory(paths.rootfs, record.config.WorkingDir ?? "");
  await Promise.all([writeNetworkFiles(host, record, paths), fillVolumes(host, record, paths)]);
  const input = await specInput(host, record, paths, netns);
  const { spec, warnings } = toRuntimeSpec(input, host.facts);
  for (const warning of warnings) host.warn(`Container ${record.id}: ${warning}`);
  await writeFile(join(paths.bundle, "config.json"), JSON.stringify(spec), { mode: 0o600 });
}

/** Takes the root's mounts away, then the directory. What is mounted is never reached into. Idempotent. */
export async function removeBundle(paths: ContainerPaths): Promise<void> {
  while (detachMount(paths.rootfs));
  await closeImageViews(paths.bundle);
  await rmdir(paths.rootfs).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rm(paths.bundle, { recursive: true, force: true });
}

async function fillVolumes(
  host: ContainerHost,
  record: ContainerRecord,
  paths: ContainerPaths,
): Promise<void> {
  for (const { request } of record.mounts) {
    if (request.type !== "volume" || request.noCopy || request.subpath !== "") continue;
    const volume = await host.volumes.open(request.source);
    await copyUp(paths.rootfs, request.target, volume, host.copier);
  }
}

import { stat } from "node:fs/promises";
import { release } from "node:os";
import { SlipwayError } from "../../../errors.ts";
import { withSubpath } from "../../../volume/confined-directory.ts";
import type { OciMount } from "../../../runtime/spec/oci-spec.ts";
import type { MountRequest } from "../../../volume/mount-request.ts";
import { bindBelow, openImageView } from "../image-mounts.ts";
import type { ContainerHost } from "../host.ts";
import type { ContainerRecord } from "../record.ts";

/**
 * A bind, volume or image mount, for the runtime: an image, and a subpath, found without leaving its volume, are mounted
 * below the container's bundle, where nobody can put something else in their place.
 */
export async function mountOf(host: ContainerHost, request: MountRequest, bundle: string): Promise<OciMount> {
  const source = await sourceOf(host, request, bundle);
  if (request.readOnlyBelow === true && !canSetRecursively(release()))
    throw new SlipwayError("unavailable", "bind-recursive=readonly needs Linux 5.12 or later");
  // Recursive as in Docker: what is mounted below a read-only source would be writable otherwise.
  // One file has nothing below it, and crun opens directories alone for it.
  const isRecursive =
    canSetRecursively(release()) && request.writableBelow !== true && (await stat(source)).isDirectory();
  const access = !request.readOnly ? "rw" : isRecursive ? "rro" : "ro";
  const propagation = request.propagation || "rprivate";
  return { destination: request.target, type: "bind", source, options: ["rbind", access, propagation] };
}

/** crun binds recursively whatever it is asked for: a source without what is mounted below it is made for it. */
async function bindSource({ source, nonRecursive }: MountRequest, bundle: string): Promise<string> {
  if (!nonRecursive || !(await stat(source)).isDirectory()) return source;
  return await bindBelow(bundle, source, 0);
}

/** Since Linux 5.12, mount_setattr(2). */
function canSetRecursively(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 12);
}

async function sourceOf(host: ContainerHost, request: MountRequest, bundle: string): Promise<string> {
  if (request.type === "bind") return await bindSource(request, bundle);
  const path =
    request.type === "image"
      ? await openImageView(host, bundle, request.source)
      : await host.volumes.open(request.source);
  if (request.subpath === "") return path;
  return await withSubpath(path, request.subpath, (found) => bindBelow(bundle, found));
}

/** Detaches what {@link mountOf} mounted for volumes that no other container may be using. Idempotent. */
export async function closeVolumes(host: ContainerHost, record: ContainerRecord): Promise<void> {
  const others = host.store.all().filter(({ id, state }) => id !== record.id && state.status !== "exited");
  const held = new Set(others.flatMap(({ mounts }) => mounts.map(({ point }) => point.Name)));
  for (const { point } of record.mounts) {
    if (point.Name !== undefined && !held.has(point.Name)) await host.volumes.close(point.Name);
  }
}

/** `--tmpfs` and `--mount type=tmpfs`: path to mount options. Pure. */
export function tmpfsOf(record: ContainerRecord): Record<string, string> {
  const mounts = record.mounts
    .filter(({ request }) => request.type === "tmpfs")
    .map(({ request }) => request);
  const ofMounts = mounts.map((request) => [request.target, tmpfsOptions(request)] as const);
  return { ...record.hostConfig.Tmpfs, ...Object.fromEntries(ofMounts) };
}

function tmpfsOptions({ tmpfs, readOnly }: MountRequest): string {
  const options = [
    ...(readOnly ? ["ro"] : []),
    ...(tmpfs.size === undefined ? [] : [`size=${tmpfs.size}`]),
    ...(tmpfs.mode === undefined ? [] : [`mode=${tmpfs.mode.toString(8)}`]),
  ];
  return options.join(",");
}

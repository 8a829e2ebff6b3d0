import { withSubpath } from "../../volume/confined-directory.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import type { MountRequest } from "../../volume/mount-request.ts";
import { bindBelow, openImageView } from "./image-mounts.ts";
import type { ContainerHost } from "./host.ts";
import type { ContainerRecord } from "./record.ts";

/**
 * A bind, volume or image mount, for the runtime: an image, and a subpath, found without leaving its volume, are mounted
 * below the container's bundle, where nobody can put something else in their place.
 */
export async function mountOf(host: ContainerHost, request: MountRequest, bundle: string): Promise<OciMount> {
  const source = await sourceOf(host, request, bundle);
  const recursion = request.nonRecursive ? "bind" : "rbind";
  const access = request.readOnly ? "ro" : "rw";
  const propagation = request.propagation || "rprivate";
  return { destination: request.target, type: "bind", source, options: [recursion, access, propagation] };
}

async function sourceOf(host: ContainerHost, request: MountRequest, bundle: string): Promise<string> {
  if (request.type === "bind") return request.source;
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

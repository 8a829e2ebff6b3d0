import { mkdir, stat } from "node:fs/promises";
import type { CleanupStack } from "../../../internal/cleanup-stack.ts";
import { SlipwayError } from "../../../errors.ts";
import { mountRequest, type MountRequest } from "../../../volume/mount-request.ts";
import { parseBind } from "../../../volume/parse-bind.ts";
import { cleanTarget } from "../../../volume/parse-bind.ts";
import { parseMountSpec } from "../../../volume/parse-mount-spec.ts";
import type { ContainerConfig, HostConfig } from "../../types/container-config.ts";
import type { MountPoint } from "../../types/container.ts";
import { existing } from "./check-create.ts";
import type { ContainerHost } from "../host.ts";
import { viewImage, type Creation } from "../image-mounts.ts";
import type { RecordedMount } from "../record.ts";
import { mountsFrom } from "./volumes-from.ts";

/**
 * Every mount a container asks for: `-v`, `--mount`, and the image's own volumes where nothing else is mounted. Missing
 * volumes are made (and removed again through `undo`), missing directories of `-v` too. Throws in Docker's words.
 */
export async function resolveMounts(
  host: ContainerHost,
  config: ContainerConfig,
  hostConfig: HostConfig,
  creation: Creation,
): Promise<RecordedMount[]> {
  const asked = [
    ...(hostConfig.Binds ?? []).map(parseBind).map(shared),
    ...(hostConfig.Mounts ?? []).map(parseMountSpec),
  ];
  const tmpfs = Object.keys(hostConfig.Tmpfs ?? {}).map((path) => cleanTarget(path, "tmpfs"));
  checkTargets([...asked.map(({ target }) => target), ...tmpfs]);
  const taken = new Set([...asked.map(({ target }) => target), ...tmpfs]);
  const others = mountsFrom(host, hostConfig.VolumesFrom).filter(({ request }) => !taken.has(request.target));
  for (const { request } of others) taken.add(request.target);
  const own = Object.keys(config.Volumes ?? {}).map((target) => cleanTarget(target, "volume"));
  const anonymous = own
    .filter((target) => !taken.has(target))
    .map((target) => mountRequest({ type: "volume", target }));
  const mounts: RecordedMount[] = [];
  for (const request of [...asked, ...anonymous]) mounts.push(await resolveOne(host, request, creation));
  return [...others, ...mounts];
}

/** Docker shows volumes of `-v` so; those of `--mount` have no mode. */
function shared(request: MountRequest): MountRequest {
  return request.type === "volume" && request.mode === "" ? { ...request, mode: "z" } : request;
}

function checkTargets(targets: readonly string[]): void {
  const twice = targets.find((target, at) => targets.indexOf(target) !== at);
  if (twice !== undefined) throw new SlipwayError("invalid_argument", `Duplicate mount point: ${twice}`);
}

async function resolveOne(
  host: ContainerHost,
  request: MountRequest,
  creation: Creation,
): Promise<RecordedMount> {
  switch (request.type) {
    case "bind":
      return await bind(withoutOwnMounts(host, request));
    case "volume":
      return await volume(host, request, creation.undo);
    case "tmpfs":
      return { request, point: pointOf(request, "", {}) };
    case "image":
      return await image(host, request, creation);
  }
}

/** The record keeps the snapshot's key: the name may mean another image later. */
async function image(host: ContainerHost, request: MountRequest, creation: Creation): Promise<RecordedMount> {
  const find = () => host.images.get(request.source);
  existing('invalid mount config for type "image"', find);
  const source = await viewImage(host, request.source, creation);
  return { request: { ...request, source }, point: pointOf(request, request.source, {}) };
}

/**
 * The engine's own root in a container: what the engine unmounts later must go there too, so that propagation is at
 * least `rslave`, as in Docker. Throws `invalid_argument` for any other.
 */
function withoutOwnMounts({ root }: Pick<ContainerHost, "root">, request: MountRequest): MountRequest {
  if (!`${request.source}/`.startsWith(`${root}/`)) return request;
  if (request.propagation === "") return { ...request, propagation: "rslave" };
  if (request.propagation === "rslave" || request.propagation === "rshared") return request;
  const why = `must use either propagation mode "rslave" or "rshared" when mount source is within the daemon root, daemon root: "${root}", bind mount source: "${request.source}", propagation: "${request.propagation}"`;
  throw new SlipwayError("invalid_argument", `invalid mount config: ${why}`);
}

async function bind(asked: MountRequest): Promise<RecordedMount> {
  const request = { ...asked, propagation: asked.propagation || "rprivate" };
  if (request.createSource) {
    await mkdir(request.source, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } else if (!(await exists(request.source))) {
    const why = `bind source path does not exist: ${request.source}`;
    throw new SlipwayError("invalid_argument", `invalid mount config for type "bind": ${why}`);
  }
  return { request, point: pointOf(request, request.source, { Propagation: request.propagation }) };
}

async function volume(
  host: ContainerHost,
  request: MountRequest,
  undo: CleanupStack,
): Promise<RecordedMount> {
  const existed = request.source !== "" && host.volumes.find(request.source) !== undefined;
  const { driver, options, labels } = request.volume;
  const made = await host.volumes.create({
    name: request.source,
    driver: driver || undefined,
    options,
    labels,
    pending: true,
  });
  const isUsed = () =>
    host.store.all().some(({ mounts }) => mounts.some(({ point }) => point.Name === made.name));
  // Another creation may have taken it up meanwhile.
  if (!existed) undo.push(async () => void (isUsed() || (await host.volumes.remove(made.name))));
  const named = { ...request, source: made.name };
  return {
    request: named,
    point: pointOf(named, host.volumes.path(made.name), { Name: made.name, Driver: "local" }),
  };
}

function pointOf(request: MountRequest, source: string, more: Partial<MountPoint>): MountPoint {
  return {
    Type: request.type,
    Source: source,
    Destination: request.target,
    Mode: request.mode,
    RW: !request.readOnly,
    Propagation: "",
    ...more,
  };
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { CleanupStack } from "../../../internal/cleanup-stack.ts";
import { SlipwayError } from "../../../errors.ts";
import type { ImageRecord } from "../../../image/image-records.ts";
import { parseImageConfig } from "../../../oci/parse-image-config.ts";
import type { Lease } from "../../../state/leases.ts";
import type { HostConfig } from "../../types/container-config.ts";
import type { ContainerCreate } from "../../types/container.ts";
import type { EndpointSettings } from "../../types/network.ts";
import { checkPlatform } from "./check-platform.ts";
import { checkAsked, existing, joinById } from "./check-create.ts";
import { completeHostConfig, portMappings } from "./host-config.ts";
import { pathsOf, publishEvent, traced, type ContainerHost } from "../host.ts";
import { mergeConfig } from "./merge-config.ts";
import { lazinessOf } from "./laziness.ts";
import { linkedIds } from "../links.ts";
import { resolveMounts } from "./mounts.ts";
import { checkEndpointSettings } from "../network.ts";
import { checkName, randomName } from "./names.ts";
import { createdState, volumeNames, type ContainerRecord } from "../record.ts";

/**
 * Makes a container: writable layer, volumes, record. Nothing is left when a part fails. Throws `not_found` for the
 * image, `conflict` for the name, `invalid_argument` for the rest, in Docker's words.
 */
export async function createContainer(
  host: ContainerHost,
  spec: ContainerCreate,
  signal?: AbortSignal,
): Promise<{ record: ContainerRecord; warnings: string[] }> {
  const { name: askedName, platform, HostConfig, NetworkingConfig, HostCA, Lazy, ...asked } = spec;
  const name = askedName ? checkName(askedName) : freeName(host);
  host.store.assertNameFree(name, "");
  const image = host.images.get(asked.Image ?? "");
  const imageConfig = parseImageConfig(Buffer.from(image.config));
  const warnings = checkPlatform(asked.Image ?? "", imageConfig, platform);
  if (HostConfig?.NetworkMode === "host" && Object.keys(HostConfig.PortBindings ?? {}).length > 0)
    warnings.push("Published ports are discarded when using host network mode");
  const wanted = asked.NetworkDisabled === true ? { ...HostConfig, NetworkMode: "none" } : HostConfig;
  const hostConfig = joinById(host, withSwap(host, completeHostConfig(wanted, host.logConfig)));
  checkAsked(host, asked, hostConfig);
  const id = randomBytes(32).toString("hex");
  const config = {
    ...mergeConfig(asked, imageConfig.config ?? {}),
    Hostname: asked.Hostname || hostnameOf(host, hostConfig, id),
  };
  exposePublished(config, portMappings(config, hostConfig));
  const lazy = Lazy ? lazinessOf(Lazy, portMappings(config, hostConfig), hostConfig) : undefined;
  await using undo = new CleanupStack();
  // Until the record names them, only this keeps the collector from the layers.
  using lease = host.leases.create("create");
  const mounts = await resolveMounts(host, config, hostConfig, { id, lease, undo, signal });
  const networks = askedNetworks(
    host,
    hostConfig.NetworkMode ?? "bridge",
    (asked.NetworkDisabled === true ? null : NetworkingConfig?.EndpointsConfig) ?? {},
  );
  const record = newRecord(
    { id, name, image, config, hostConfig, mounts, networks, hostCA: givesHostCA(host, HostCA) },
    host.now(),
  );
  const linked = linkedIds(host, record);
  if (Object.keys(linked).length > 0) record.linked = linked;
  if (lazy !== undefined) record.lazy = lazy;
  await traced(host, record, "layer", () => makeFiles(host, record, undo, lease, signal));
  // Another container made meanwhile may have come by the same random name.
  if (!askedName && host.store.byName(record.name) !== undefined) record.name = freeName(host);
  traced(host, record, "record", () => host.store.put(record));
  for (const volume of volumeNames(record)) host.volumes.settle(volume);
  undo.release();
  publishEvent(host, record, "create");
  return { record, warnings };
}

/** As much swap as memory, unless said otherwise; an update of the memory leaves it as it is. */
function withSwap({ facts }: Pick<ContainerHost, "facts">, config: HostConfig): HostConfig {
  const { Memory = 0, MemorySwap = 0 } = config;
  return facts.swapLimit && Memory > 0 && MemorySwap === 0 ? { ...config, MemorySwap: 2 * Memory } : config;
}

function freeName(host: ContainerHost): string {
  return randomName((taken) => host.store.byName(taken) !== undefined);
}

async function makeFiles(
  host: ContainerHost,
  record: ContainerRecord,
  undo: CleanupStack,
  lease: Lease,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { directory } = pathsOf(host, record.id);
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const snapshot = await host.imageSnapshot(record.image, lease, signal);
  lease.add(`snapshot/${record.id}`);
  await mkdir(directory, { recursive: true, mode: 0o710 });
  // What a container writes cannot stand on layers that a power cut takes away.
  if (record.hostConfig.AutoRemove !== true) await host.snapshotter.flush();
  await host.snapshotter.prepare(record.id, snapshot);
  undo.push(() => host.snapshotter.remove(record.id));
}

type RecordParts = Pick<
  ContainerRecord,
  "id" | "name" | "config" | "hostConfig" | "mounts" | "networks" | "hostCA"
> & {
  readonly image: ImageRecord;
};

function newRecord(parts: RecordParts, now: number): ContainerRecord {
  return {
    ...parts,
    image: parts.image.id,
    created: new Date(now).toISOString(),
    endpoints: {},
    state: createdState(),
  };
}

/** Who shares a network shares the name on it. */
function hostnameOf(
  host: ContainerHost,
  { NetworkMode: mode = "", UTSMode }: HostConfig,
  id: string,
): string {
  if (mode === "host" || UTSMode === "host") return hostname();
  const other = mode.startsWith("container:") ? mode.slice("container:".length) : undefined;
  return other === undefined ? id.slice(0, 12) : (host.store.get(other).config.Hostname ?? "");
}

/** An engine that gives every container the bundle has nothing to give on a host without one. */
function givesHostCA(host: ContainerHost, asked: boolean | undefined): boolean {
  if (asked === true && host.hostCA === undefined)
    throw new SlipwayError("not_found", "--host-ca: this host has no CA bundle");
  return asked === true || (host.alwaysHostCA && host.hostCA !== undefined);
}

/** A published port counts as exposed, as in Docker. */
function exposePublished(
  config: { ExposedPorts?: Record<string, object> | null },
  ports: ReturnType<typeof portMappings>,
): void {
  const published = ports.map(({ containerPort, protocol }) => [`${containerPort}/${protocol}`, {}] as const);
  config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(published) };
}

/** The networks by their true names; each must exist. Throws `invalid_argument`: `not_found` would mean the image. */
function askedNetworks(
  host: ContainerHost,
  mode: string,
  asked: Record<string, EndpointSettings | null>,
): Record<string, EndpointSettings> {
  const isJoined = mode.startsWith("container:");
  if (mode === "none" || mode === "host" || isJoined) {
    // The mode has the ID of a container that clients may call by name.
    const isMode = (name: string) => name === mode || (isJoined && name.startsWith("container:"));
    const other = Object.keys(asked).find((name) => !isMode(name) && name !== "default");
    if (other !== undefined)
      throw new SlipwayError(
        "invalid_argument",
        `conflicting options: cannot attach both "${mode}" and "${other}" networks`,
      );
    return isJoined ? {} : { [mode]: {} };
  }
  const nameOf = (name: string) =>
    existing("failed to set up container networking", () =>
      host.networks.get(name === "default" ? "bridge" : name),
    ).name;
  const first = nameOf(mode);
  const settings = Object.entries(asked).map(([name, endpoint]) => [nameOf(name), endpoint ?? {}] as const);
  const networks = { [first]: {}, ...Object.fromEntries(settings) };
  checkAddresses(networks);
  for (const endpoint of Object.values(networks)) checkEndpointSettings(endpoint);
  return networks;
}

function checkAddresses(networks: Record<string, EndpointSettings>): void {
  const asked = networks["bridge"]?.IPAMConfig;
  if (asked?.IPv4Address || asked?.IPv6Address) {
    throw new SlipwayError(
      "invalid_argument",
      "user specified IP address is supported on user defined networks only",
    );
  }
}

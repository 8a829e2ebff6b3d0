import type { Socket } from "node:net";
import { join } from "node:path";
import type { KeyedMutex } from "../../internal/keyed-mutex.ts";
import type { Lease, Leases } from "../../state/leases.ts";
import type { Trace } from "../../internal/trace.ts";
import type { ImageStore } from "../../image/image-store.ts";
import type { BridgeDriver } from "../../network/bridge-driver.ts";
import type { NetnsDirectory } from "../../network/netns.ts";
import type { NetworkStore } from "../../network/network-store.ts";
import type { Runtime, StdioConfig } from "../../runtime/runtime.ts";
import type { HostFacts } from "../../runtime/spec/spec-input.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import type { TreeCopier } from "../../snapshot/tree-copier.ts";
import type { VolumeStore } from "../../volume/volume-store.ts";
import type { Events } from "../events.ts";
import type { ContainerPaths } from "./document.ts";
import { logStdio, type LogConfigMade } from "./create/log-config.ts";
import type { LiveContainers } from "./live.ts";
import type { ContainerRecord } from "./record.ts";
import type { ContainerStore } from "./store.ts";
import type { Waiters } from "./waiters.ts";

/** What the verbs of containers work with. One per engine. */
export interface ContainerHost {
  readonly root: string;
  readonly runDirectory: string;
  readonly store: ContainerStore;
  readonly live: LiveContainers;
  readonly waiters: Waiters;
  readonly events: Events;
  /** One change of a container at a time, by its ID. */
  readonly locks: KeyedMutex;
  readonly images: ImageStore;
  /** The committed snapshot a container of the image stands on, held by the lease; unpacks it when needed. */
  readonly imageSnapshot: (
    imageId: string,
    lease: Lease,
    signal?: AbortSignal,
  ) => Promise<string | undefined>;
  readonly snapshotter: Snapshotter;
  readonly copier: Pick<TreeCopier, "copy" | "flush">;
  readonly leases: Leases;
  readonly runtime: Runtime;
  readonly networks: NetworkStore;
  readonly bridges: BridgeDriver;
  readonly netns: NetnsDirectory;
  /** Connects to a container's address. */
  readonly dial: (address: string, port: number) => Promise<Socket>;
  readonly volumes: VolumeStore;
  /** The host's CA bundle, for `--host-ca`; undefined when the host has none. */
  readonly hostCA: string | undefined;
  /** Every container gets the bundle, asked for or not. */
  readonly alwaysHostCA: boolean;
  readonly facts: HostFacts;
  /** Address of the host for published ports that name none; empty: all of them. */
  readonly publishAddress: string;
  /** Of containers that name no log driver. */
  readonly logConfig: LogConfigMade;
  /** Absolute path of an init program, for `--init`; undefined when the host has none. */
  readonly init: string | undefined;
  /** milliseconds since the epoch */
  readonly now: () => number;
  /** Tells of a fault that nobody waits for. */
  readonly warn: (message: string) => void;
  readonly trace: Trace;
}

/** Where the files of the container with that ID are. Pure: nothing is made. */
export function pathsOf(
  host: Pick<ContainerHost, "root" | "runDirectory" | "netns">,
  id: string,
): ContainerPaths {
  const directory = join(host.root, "containers", id);
  const run = join(host.runDirectory, "containers", id);
  return {
    directory,
    log: join(directory, "container.log"),
    hostname: join(directory, "hostname"),
    hosts: join(directory, "hosts"),
    resolvConf: join(directory, "resolv.conf"),
    rootfs: join(run, "rootfs"),
    bundle: run,
    netns: host.netns.path(id),
  };
}

/** How the container's task gets its streams and its log. */
export function stdioOf(record: ContainerRecord, paths: ContainerPaths): StdioConfig {
  return {
    terminal: record.config.Tty === true,
    stdin: record.config.OpenStdin === true,
    stdinOnce: record.config.StdinOnce === true,
    ...logStdio(record, paths.log),
  };
}

/** Measures a part of the work on a container. */
export function traced<T>(host: ContainerHost, { id }: ContainerRecord, part: string, work: () => T): T {
  return host.trace.span(`${id.slice(0, 12)} ${part}`, work);
}

/** Names an event's container, with its labels, as Docker does. */
export function publishEvent(
  host: ContainerHost,
  record: ContainerRecord,
  action: string,
  more: Record<string, string> = {},
): void {
  const attributes = {
    ...record.config.Labels,
    image: record.config.Image ?? "",
    name: record.name,
    ...more,
  };
  host.events.publish("container", action, record.id, attributes);
}

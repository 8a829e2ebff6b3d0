import type { DiskBudget } from "./gc/disk-budget.ts";
import type { Trace } from "../internal/trace.ts";
import type { RegistryConfig } from "../registry/client/registry-config.ts";

/** An engine without root works in the namespaces of its user. */
export interface RootlessConfig {
  /** the user's ID outside */
  readonly user: number;
  /** Path of the network namespace where bridges, links and rules are. The engine itself is in the host's. */
  readonly netns: string;
  /** Why containers reach nothing outside; undefined: they do. */
  readonly noOutside?: string | undefined;
}

/** How an engine is set up. Read once, at its start. Paths are absolute. */
export interface EngineConfig {
  /** Everything that must survive a reboot. Made when missing. */
  readonly root: string;
  /** Sockets, mounts, namespaces: may be lost at a reboot. Made when missing. */
  readonly runDirectory: string;
  readonly version: string;
  /** Set when the engine is root in a user namespace alone. */
  readonly rootless?: RootlessConfig | undefined;
  /** `crun`, `runc` or a path; undefined: crun, else runc. */
  readonly runtime?: string | undefined;
  /** $PATH for runtime and conmon. */
  readonly searchPath: string;
  readonly registries?: Omit<RegistryConfig, "credentials"> | undefined;
  /** The host's CA bundle, for `--host-ca`; undefined: the usual places. */
  readonly hostCA?: string | undefined;
  /** Mount the bundle for every container and build, asked for or not. */
  readonly alwaysHostCA?: boolean | undefined;
  /** Link of the default network. Two engines on one host need two. */
  readonly bridge: string;
  /** The engine's nftables table. */
  readonly nftTable: string;
  /** Of layers that a push compresses. */
  readonly pushCompression?: "gzip" | "zstd" | undefined;
  /** What the collector keeps to by itself; false: it gives nothing up. Default: see `gc/disk-budget.ts`. */
  readonly diskBudget?: DiskBudget | false | undefined;
  /** Address of the host for published ports that name none. Default: all of them. */
  readonly publishAddress?: string | undefined;
  /** Log driver and its options for containers that name none. Default: `json-file`, 3 files of 10 MB. */
  readonly logs?: { readonly Type?: string; readonly Config?: Record<string, string> } | undefined;
  /** `drop`: compressed blobs of layers that are unpacked are given up, where they can be had again. Default: `keep`. */
  readonly layerBlobs?: "keep" | "drop" | undefined;
  /** Tells of faults that nobody waits for. */
  readonly warn: (message: string) => void;
  /** Measures where time goes. Default: nobody does. */
  readonly trace?: Trace | undefined;
}

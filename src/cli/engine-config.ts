import { hashHex } from "../platform/hash.ts";
import { resolve } from "node:path";
import type { EngineConfig } from "../engine/config.ts";
import { SlipwayError } from "../errors.ts";
import { parseDiskAmount, type DiskAmount } from "../engine/gc/disk-budget.ts";
import type { ProxyConfig } from "../registry/client/registry-config.ts";
import type { Trace } from "../internal/trace.ts";
import { parsePairs } from "./flags/values.ts";
import { defaultRoot, runDirectory } from "./paths.ts";
import { programVersion } from "./version.ts";

interface EngineFlags {
  readonly root: string;
  readonly runtime: string;
  readonly "registry-mirror": readonly string[];
  readonly "insecure-registry": readonly string[];
  readonly "host-ca": boolean;
  readonly "host-ca-file": string | undefined;
  readonly bridge: string | undefined;
  readonly gc: boolean;
  readonly "layer-blobs": string;
  readonly "gc-max-used": DiskAmount | undefined;
  readonly "gc-min-free": DiskAmount | undefined;
  readonly "log-driver": string;
  readonly "publish-address": string | undefined;
  readonly "log-opt": readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly proxy: ProxyConfig;
  readonly warn: (message: string) => void;
  readonly trace?: Trace | undefined;
}

/** The settings of an engine that was started without options. */
export const noEngineFlags = {
  runtime: "",
  "registry-mirror": [],
  "insecure-registry": [],
  "host-ca": false,
  "host-ca-file": undefined,
  bridge: undefined,
  gc: true,
  "layer-blobs": "",
  "gc-max-used": undefined,
  "gc-min-free": undefined,
  "log-driver": "",
  "publish-address": undefined,
  "log-opt": [],
  proxy: {},
} as const;

/** The engine's settings out of flags and environment, the one place that reads both. */
export function engineConfig(flags: EngineFlags): EngineConfig {
  const { env } = flags;
  const root = resolve(flags.root);
  const suffix = root === defaultRoot(env) ? "" : hashHex("sha256", root).slice(0, 6);
  const rootless = rootlessOf(env);
  return {
    root,
    ...(rootless === undefined ? {} : { rootless }),
    runDirectory: runDirectory(root, env),
    version: programVersion,
    ...(flags.runtime === "" ? {} : { runtime: flags.runtime }),
    searchPath: `${env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`,
    registries: registries(flags),
    hostCA: flags["host-ca-file"],
    alwaysHostCA: flags["host-ca"],
    bridge: flags.bridge ?? (suffix === "" ? "slipway0" : `slw-${suffix}`),
    nftTable: suffix === "" ? "slipway" : `slipway_${suffix}`,
    diskBudget: diskBudget(flags),
    publishAddress: flags["publish-address"] ?? env["SLIPWAY_PUBLISH_ADDRESS"],
    layerBlobs: layerBlobs(flags["layer-blobs"] || env["SLIPWAY_LAYER_BLOBS"] || "keep"),
    logs: { Type: flags["log-driver"], Config: parsePairs(flags["log-opt"]) },
    warn: flags.warn,
    trace: flags.trace,
  };
}

function layerBlobs(text: string): "keep" | "drop" {
  if (text === "keep" || text === "drop") return text;
  throw new SlipwayError("invalid_argument", `invalid value "${text}" of --layer-blobs: use keep or drop`);
}

/** Flags before the environment, which also reaches an engine that a command starts. */
function diskBudget(flags: EngineFlags): EngineConfig["diskBudget"] {
  const { env } = flags;
  if (!flags.gc || /^(0|off|false|no)$/i.test(env["SLIPWAY_GC"] ?? "")) return false;
  const amount = (name: string) => (env[name] ? parseDiskAmount(env[name]) : undefined);
  return {
    maxUsed: flags["gc-max-used"] ?? amount("SLIPWAY_GC_MAX_USED"),
    minFree: flags["gc-min-free"] ?? amount("SLIPWAY_GC_MIN_FREE"),
  };
}

function rootlessOf(env: EngineFlags["env"]): EngineConfig["rootless"] {
  const [user, holder] = (env["SLIPWAY_ROOTLESS"] ?? "").split(":");
  if (!user || !holder) return undefined;
  const outside = env["SLIPWAY_ROOTLESS_OUTSIDE"] ?? "!nothing was asked to carry packets out";
  const way = outside.startsWith("!") ? { noOutside: outside.slice(1) } : {};
  return { user: Number(user), netns: `/proc/${holder}/ns/net`, ...way };
}

function registries(flags: EngineFlags): NonNullable<EngineConfig["registries"]> {
  const { env } = flags;
  const caFile = env["SSL_CERT_FILE"] ?? env["NODE_EXTRA_CA_CERTS"];
  return {
    ...(flags["registry-mirror"].length > 0 ? { mirrors: { "docker.io": flags["registry-mirror"] } } : {}),
    insecureRegistries: flags["insecure-registry"],
    proxy: flags.proxy,
    ...(caFile ? { caFile } : {}),
    userAgent: `slipway/${programVersion}`,
  };
}

import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { arch, availableParallelism, hostname, release, totalmem } from "node:os";
import type { CallOptions } from "../oci/call-options.ts";
import { checkCredentials } from "../registry/client/check-credentials.ts";
import type { OciRuntime } from "../runtime/oci-runtime.ts";
import { programVersion } from "../runtime/program-version.ts";
import { filesystemOf } from "./filesystem-of.ts";
import type { ContainerHost } from "./containers/host.ts";
import type { EngineConfig } from "./config.ts";
import { openPorts } from "./open-ports.ts";
import { runCheck } from "./disk/check/run-check.ts";
import { rootlessWarnings } from "./rootless-warnings.ts";
import { dataUsage, type DataUsageParts } from "./data-usage.ts";
import type { EventFilter, SystemService } from "./engine.ts";
import type { Stores } from "./open-stores.ts";
import { dataUsageTypes, type DataUsage, type DataUsageType } from "./types/data-usage.ts";
import type { EngineEvent } from "./types/event.ts";
import type { RegistryAuth } from "./types/image.ts";
import type { CheckReport, SystemInfo, SystemVersion } from "./types/system.ts";

export const apiVersion = "1.50";
const oldestApiVersion = "1.24";

interface SystemParts {
  readonly config: EngineConfig;
  readonly stores: Stores;
  readonly host: ContainerHost;
  readonly runtime: OciRuntime;
  /** The services that the data usage is taken from. */
  readonly services: Pick<DataUsageParts, "images" | "containers" | "volumes">;
}

/** What the engine is, how it does, and what happens in it. */
export class LocalSystem implements SystemService {
  readonly #parts: SystemParts;
  readonly #id: string;
  #asked: Promise<SystemVersion["Components"]> | undefined;

  constructor(parts: SystemParts) {
    this.#parts = parts;
    this.#id = engineId(parts.config.root);
  }

  async version(): Promise<SystemVersion> {
    const { config } = this.#parts;
    const api = { ApiVersion: apiVersion, MinAPIVersion: oldestApiVersion };
    const details = { ...api, Os: "linux", Arch: goArch(), Experimental: "false" };
    return {
      Platform: { Name: "Slipway" },
      Components: [
        { Name: "Engine", Version: config.version, Details: { ...details, KernelVersion: release() } },
        ...(await this.#programs()),
      ],
      Version: config.version,
      ApiVersion: apiVersion,
      MinAPIVersion: oldestApiVersion,
      GitCommit: "",
      GoVersion: "",
      Os: "linux",
      Arch: goArch(),
      KernelVersion: release(),
      BuildTime: "",
    };
  }

  async info(): Promise<SystemInfo> {
    const { config, stores, host, runtime } = this.#parts;
    const statuses = host.store.all().map(({ state }) => state.status);
    const count = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
    return {
      ID: this.#id,
      Name: hostname(),
      ServerVersion: config.version,
      Containers: statuses.length,
      ContainersRunning: count("running", "restarting"),
      ContainersPaused: count("paused"),
      ContainersStopped: count("created", "exited", "dead"),
      Images: stores.images.records.list().length,
      Driver: "overlay2",
      DriverStatus: [["Backing Filesystem", filesystemOf(config.root)]],
      DockerRootDir: config.root,
      CgroupDriver: config.rootless === undefined ? "cgroupfs" : "none",
      CgroupVersion: host.facts.cgroupMode === "v2" ? "2" : "1",
      KernelVersion: release(),
      OperatingSystem: osRelease("PRETTY_NAME"),
      OSType: "linux",
      OSVersion: osRelease("VERSION_ID"),
      Architecture: machine(),
      NCPU: availableParallelism(),
      MemTotal: totalmem(),
      DefaultRuntime: runtime.name,
      Runtimes: Object.fromEntries(Object.entries(runtime.runtimes).map(([name, path]) => [name, { path }])),
      SecurityOptions: [
        "name=seccomp,profile=builtin",
        ...(config.rootless === undefined ? [] : ["name=rootless"]),
      ],
      LoggingDriver: host.logConfig.Type,
      IndexServerAddress: "https://index.docker.io/v1/",
      RegistryConfig: registryConfig(config.registries ?? {}),
      Warnings: [...rootlessWarnings(config.rootless), ...openPorts(host.store.all())],
      Labels: [],
      LiveRestoreEnabled: true,
      NEventsListener: host.events.listeners,
      SystemTime: new Date(host.now()).toISOString(),
    };
  }

  /** Runtime and conmon, asked once. */
  #programs(): Promise<SystemVersion["Components"]> {
    const { conmon, name, path } = this.#parts.runtime.programs;
    const component = async (Name: string, Path: string) => {
      const { version: Version, commit: GitCommit } = await programVersion(Path);
      return { Name, Version, Details: { GitCommit, Path } };
    };
    return (this.#asked ??= Promise.all([component(name, path), component("conmon", conmon)]));
  }

  async check(o?: CallOptions): Promise<CheckReport> {
    // What is still being cleared away after containers that are gone is no problem.
    await this.#parts.host.live.clearing.settled();
    const { Checked, Problems } = await runCheck(this.#parts, o);
    const { Blobs: blobs, Snapshots: snapshots, Images: images, Containers: containers } = Checked;
    return {
      checked: { blobs, snapshots, images, containers },
      problems: Problems.map(({ What }) => What),
    };
  }

  async auth(auth: RegistryAuth, o?: CallOptions): Promise<{ Status: string; IdentityToken: string }> {
    const { registries = {} } = this.#parts.config;
    const domain = registryDomain(auth.serveraddress ?? "");
    const { status, identityToken } = await checkCredentials(domain, auth, registries, o);
    return { Status: status, IdentityToken: identityToken ?? "" };
  }

  dataUsage(o: CallOptions & { types?: readonly DataUsageType[] } = {}): Promise<DataUsage> {
    const { stores, host, services } = this.#parts;
    return dataUsage({ stores, host, ...services }, o.types ?? dataUsageTypes, o);
  }

  events(filter?: EventFilter, o?: CallOptions): AsyncIterable<EngineEvent> {
    return this.#parts.host.events.stream(filter, o?.signal);
  }
}

/** What is said of registries, by host: Docker Hub with its mirrors, and those that may be insecure. */
function registryConfig(registries: NonNullable<EngineConfig["registries"]>): SystemInfo["RegistryConfig"] {
  const insecure = registries.insecureRegistries ?? [];
  const Mirrors = (registries.mirrors?.["docker.io"] ?? []).map((url) => `${url.replace(/\/$/, "")}/`);
  const index = (Name: string, Secure: boolean, mirrors: string[]) =>
    [Name, { Name, Mirrors: mirrors, Secure, Official: Secure }] as const;
  const hosts = insecure.filter((text) => !text.includes("/"));
  return {
    InsecureRegistryCIDRs: ["::1/128", "127.0.0.0/8", ...insecure.filter((text) => text.includes("/"))],
    IndexConfigs: Object.fromEntries([
      index("docker.io", true, Mirrors),
      ...hosts.map((host) => index(host, false, [])),
    ]),
    Mirrors,
  };
}

/** Made at the first start of an engine on the root, and the same ever after. */
function engineId(root: string): string {
  const path = join(root, "engine-id");
  try {
    const id = readFileSync(path, "utf8").trim();
    if (/^[0-9a-f-]{36}$/.test(id)) return id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = randomUUID();
  writeFileSync(`${path}.new`, `${made}\n`);
  renameSync(`${path}.new`, path);
  return made;
}

/** `https://index.docker.io/v1/`, Docker's old name of its registry, and plain hosts, as a domain. */
function registryDomain(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  return host === "" || host === "index.docker.io" ? "docker.io" : host;
}

function goArch(): string {
  return { x64: "amd64", ia32: "386" }[arch() as string] ?? arch();
}

/** The kernel's name of the architecture, as `uname -m`. */
function machine(): string {
  return { x64: "x86_64", arm64: "aarch64" }[arch() as string] ?? arch();
}

function osRelease(key: string): string {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    return new RegExp(`^${key}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
  } catch {
    return "";
  }
}

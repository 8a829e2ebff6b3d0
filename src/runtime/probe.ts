import { accessSync, constants } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { SlipwayError } from "../errors.ts";
import { type CgroupMode, detectCgroupMode, unifiedPath } from "./cgroup-mode.ts";

/** The programs this host runs containers with. All paths are absolute. */
export interface Programs {
  /** `crun` or `runc` */
  readonly name: string;
  readonly path: string;
  readonly conmon: string;
  readonly cgroupMode: CgroupMode;
  /** The runtime and the options that stand before every verb. */
  readonly command: readonly string[];
  /** In a user namespace, without cgroups: nothing is limited, paused or measured. */
  readonly rootless: boolean;
  /**
   * What stands before the runtime's own command line when it creates a container. Empty in general; crun on a hybrid
   * host needs a mount namespace without the v2 tree, as it refuses hosts that have both.
   */
  readonly createWrapper: readonly string[];
  /** $PATH for the programs themselves. */
  readonly searchPath: string;
}

export interface ProbeOptions {
  /** `crun`, `runc`, or a path to one of them (`--runtime`). Default: crun, else runc. */
  readonly runtime?: string | undefined;
  /** Where programs are looked for, as in $PATH. */
  readonly searchPath: string;
  readonly rootless?: boolean;
  /** Default: what the host has. */
  readonly cgroupMode?: CgroupMode;
}

const systemDirectories = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Finds runtime and conmon. Throws `unavailable` saying what to install, `invalid_argument` for an unknown runtime. */
export function probePrograms(options: ProbeOptions): Programs {
  const directories = [...options.searchPath.split(delimiter).filter(Boolean), ...systemDirectories];
  const path = findRuntime(options.runtime, directories);
  const conmon = findProgram("conmon", directories);
  if (conmon === undefined) throw missing("conmon", "conmon", "watches over containers");
  const cgroupMode = options.cgroupMode ?? detectCgroupMode();
  const name = basename(path);
  const rootless = options.rootless === true;
  if (rootless && name !== "crun") {
    throw new SlipwayError("unavailable", "Cannot run containers without root: crun is needed, install it");
  }
  const createWrapper = rootless ? coverCgroups(directories) : wrapperOf(name, cgroupMode, directories);
  const command = [path, ...(rootless ? ["--cgroup-manager=disabled"] : [])];
  const searchPath = directories.join(delimiter);
  return { name, path, command, conmon, cgroupMode, rootless, createWrapper, searchPath };
}

/** crun looks at the host's cgroups also when it is to leave them alone; what it sees here has none. */
function coverCgroups(directories: readonly string[]): readonly string[] {
  const unshare = findProgram("unshare", directories);
  const mount = findProgram("mount", directories);
  if (unshare === undefined || mount === undefined)
    throw missing("unshare and mount", "util-linux mount", "lets crun run without root");
  const script = `${mount} -t tmpfs none /sys/fs/cgroup; exec "$@"`;
  return [unshare, "--mount", "--propagation", "slave", "/bin/sh", "-c", script, "crun-without-cgroups"];
}

function findRuntime(wanted: string | undefined, directories: readonly string[]): string {
  if (wanted === undefined || wanted === "") {
    const found = findProgram("crun", directories) ?? findProgram("runc", directories);
    if (found === undefined) throw missing("an OCI runtime (crun or runc)", "crun", "starts containers");
    return found;
  }
  if (!["crun", "runc"].includes(basename(wanted))) {
    throw new SlipwayError("invalid_argument", `unknown or invalid runtime name: ${wanted}`);
  }
  const found = wanted.startsWith("/") ? executable(wanted) : findProgram(wanted, directories);
  if (found === undefined) throw missing(`"${wanted}"`, basename(wanted), "starts containers");
  return found;
}

function wrapperOf(name: string, mode: CgroupMode, directories: readonly string[]): readonly string[] {
  if (name !== "crun" || mode !== "hybrid") return [];
  const unshare = findProgram("unshare", directories);
  const umount = findProgram("umount", directories);
  if (unshare === undefined || umount === undefined)
    throw missing("unshare and umount", "util-linux mount", "lets crun run on hosts with hybrid cgroups");
  const script = `${umount} -l ${unifiedPath}; exec "$@"`;
  return [unshare, "--mount", "--propagation", "slave", "/bin/sh", "-c", script, "crun-without-cgroup2"];
}

function findProgram(name: string, directories: readonly string[]): string | undefined {
  for (const directory of directories) {
    const found = executable(join(directory, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

function missing(what: string, packages: string, why: string): SlipwayError {
  return new SlipwayError(
    "unavailable",
    `Cannot run containers: ${what} is missing, which ${why}; install it, on Debian and Ubuntu with "apt-get install ${packages}"`,
  );
}

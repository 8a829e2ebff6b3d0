import { basename, delimiter } from "node:path";
import { SlipwayError } from "../errors.ts";
import { type CgroupMode, detectCgroupMode } from "./cgroup-mode.ts";
import { createWrapper } from "./create-wrapper.ts";
import { executable, findProgram, missing } from "./find-program.ts";

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

const runtimeNames = ["crun", "runc"];
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
  const command = [path, ...(rootless ? ["--cgroup-manager=disabled"] : [])];
  const searchPath = directories.join(delimiter);
  const facts = { name, path, command, conmon, cgroupMode, rootless, searchPath };
  return { ...facts, createWrapper: createWrapper(facts, directories) };
}

/** The runtimes this host has, `own` first. The others serve containers that ask for one of them (`--runtime`). */
export function probeRuntimes(own: Programs): Programs[] {
  const { cgroupMode, rootless, searchPath } = own;
  const directories = searchPath.split(delimiter);
  const others = runtimeNames.filter(
    (name) => !rootless && name !== own.name && findProgram(name, directories) !== undefined,
  );
  return [own, ...others.map((runtime) => probePrograms({ runtime, searchPath, cgroupMode, rootless }))];
}

function findRuntime(wanted: string | undefined, directories: readonly string[]): string {
  if (wanted === undefined || wanted === "") {
    const found = findProgram("crun", directories) ?? findProgram("runc", directories);
    if (found === undefined) throw missing("an OCI runtime (crun or runc)", "crun", "starts containers");
    return found;
  }
  if (!runtimeNames.includes(basename(wanted))) {
    throw new SlipwayError("invalid_argument", `unknown or invalid runtime name: ${wanted}`);
  }
  const found = wanted.startsWith("/") ? executable(wanted) : findProgram(wanted, directories);
  if (found === undefined) throw missing(`"${wanted}"`, basename(wanted), "starts containers");
  return found;
}

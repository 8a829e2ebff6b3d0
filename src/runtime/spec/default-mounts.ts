import { SlipwayError } from "../../errors.ts";
import type { OciMount } from "./oci-spec.ts";
import type { HostFacts, RuntimeSpecInput } from "./spec-input.ts";

export const defaultShmSize = 64 * 1024 * 1024;

function mount(destination: string, type: string, source: string, options: string): OciMount {
  return { destination, type, source, options: options.split(",") };
}

/** The mounts of a container: Docker's default ones, then the caller's, parents before children. */
export function allMounts(
  input: RuntimeSpecInput,
  facts: Pick<HostFacts, "messageQueues" | "rootless">,
): readonly OciMount[] {
  const own = [
    ...(input.mounts ?? []),
    ...Object.entries(input.tmpfs ?? {}).map(([path, options]) => tmpfsMount(path, options)),
  ];
  const taken = new Set(own.map((each) => each.destination));
  const defaults = defaultMounts(input, facts).filter((each) => !taken.has(each.destination));
  return [...defaults, ...sortByDepth(own), ...initMount(input)];
}

function defaultMounts(
  input: RuntimeSpecInput,
  { messageQueues, rootless }: Pick<HostFacts, "messageQueues" | "rootless">,
): readonly OciMount[] {
  const access = input.privileged === true ? "rw" : "ro";
  return [
    // The host's processes are shown by a file system that only the host's root may mount.
    rootless !== undefined && input.pid === "host"
      ? mount("/proc", "bind", "/proc", "rbind,nosuid,noexec,nodev")
      : mount("/proc", "proc", "proc", "nosuid,noexec,nodev"),
    mount("/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k"),
    mount("/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5"),
    mount("/sys", "sysfs", "sysfs", `nosuid,noexec,nodev,${access}`),
    // Without cgroups there is nothing to show.
    ...(rootless === undefined
      ? [mount("/sys/fs/cgroup", "cgroup", "cgroup", `${access},nosuid,noexec,nodev`)]
      : []),
    ...ipcMounts(input, messageQueues),
  ];
}

/** Message queues and shared memory belong to the IPC namespace: the host's are bound, another container's come with its mounts. */
function ipcMounts(input: RuntimeSpecInput, messageQueues: boolean): readonly OciMount[] {
  if (input.ipc === "host") {
    const shared = mount("/dev/shm", "bind", "/dev/shm", "rbind,nosuid,noexec,nodev");
    const queues = mount("/dev/mqueue", "bind", "/dev/mqueue", "rbind,nosuid,noexec,nodev");
    return messageQueues ? [queues, shared] : [shared];
  }
  const size = input.shmSize ?? defaultShmSize;
  const queues = mount("/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev");
  if (input.sharedMemory === false) return [queues];
  return [queues, mount("/dev/shm", "tmpfs", "shm", `nosuid,noexec,nodev,mode=1777,size=${size}`)];
}

function initMount(input: RuntimeSpecInput): readonly OciMount[] {
  return input.init === undefined ? [] : [mount(initPath, "bind", input.init, "bind,ro")];
}

/** Where `--init` finds its program in the container, as in Docker. */
export const initPath = "/sbin/docker-init";

/** `--tmpfs PATH:OPTIONS`. Docker's defaults are noexec, nosuid and nodev; the options given override them. */
export function tmpfsMount(destination: string, options: string): OciMount {
  const given = options.split(",").filter((option) => option !== "");
  for (const option of given) checkTmpfsOption(option);
  const opposite: Readonly<Record<string, string>> = {
    exec: "noexec",
    suid: "nosuid",
    dev: "nodev",
    rw: "ro",
  };
  const overridden = new Set(given.map((option) => opposite[option] ?? option));
  const defaults = ["noexec", "nosuid", "nodev"].filter((option) => !overridden.has(option));
  return { destination, type: "tmpfs", source: "tmpfs", options: [...defaults, ...given] };
}

const tmpfsFlags = new Set(
  `exec noexec suid nosuid dev nodev rw ro sync async dirsync remount mand nomand atime noatime diratime nodiratime
  bind rbind unbindable runbindable private rprivate shared rshared slave rslave relatime norelatime strictatime
  nostrictatime`.split(/\s+/),
);
const tmpfsValues = /^(?:size|mode|uid|gid|nr_inodes|nr_blocks|mpol)=.+$/;

function checkTmpfsOption(option: string): void {
  if (tmpfsFlags.has(option) || tmpfsValues.test(option)) return;
  throw new SlipwayError("invalid_argument", `invalid tmpfs option "${option}"`);
}

function sortByDepth(mounts: readonly OciMount[]): readonly OciMount[] {
  const depth = (path: string) => path.split("/").filter(Boolean).length;
  return mounts.toSorted((a, b) => depth(a.destination) - depth(b.destination));
}

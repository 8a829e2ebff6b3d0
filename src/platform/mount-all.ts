/** Mounts as the contract `Mount` spells them. On Node the `mount` command stands in. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_PATH, openAt } from "./fd.ts";
import {
  detachMount,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  sysMount,
} from "./mount.ts";
import { MS_PRIVATE, MS_SHARED, MS_SLAVE } from "./mount.ts";
import { mountOverlayLayers } from "./mount-overlay.ts";
import { lowerDirectories, unescapeOption } from "./overlay-options.ts";

/** A mount as mount(8) would spell it; the same shape as `oci/mount.ts`, which stands above this folder. */
export interface MountSpec {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** mount(2) copies one page of options. */
const MAX_DATA = 4095;

const flagOptions = new Map<string, number>([
  ["ro", MS_RDONLY],
  ["rw", 0],
  ["defaults", 0],
  ["nosuid", MS_NOSUID],
  ["nodev", MS_NODEV],
  ["noexec", MS_NOEXEC],
  ["noatime", 1024],
  ["nodiratime", 2048],
  ["relatime", 1 << 21],
  ["bind", MS_BIND],
  ["rbind", MS_BIND | MS_REC],
]);

const propagationOptions = new Map<string, number>([
  ["private", MS_PRIVATE],
  ["rprivate", MS_PRIVATE | MS_REC],
  ["slave", MS_SLAVE],
  ["rslave", MS_SLAVE | MS_REC],
  ["shared", MS_SHARED],
  ["rshared", MS_SHARED | MS_REC],
]);

/**
 * Mounts all of `mounts` on `target`, one over the other; the directory is made when missing. Dispose detaches them:
 * it returns at once, and the kernel lets go when the last user has left (idempotent). When one mount fails those
 * before it are detached. Throws `forbidden` without the right to mount, else `internal`, with the errno's name.
 */
export function mountAll(mounts: readonly MountSpec[], target: string): AsyncDisposable {
  mkdirSync(target, { recursive: true });
  let mounted = 0;
  const detach = (): void => {
    for (; mounted > 0; mounted -= 1) detachMount(target);
  };
  try {
    for (const mount of mounts) {
      mountOne(mount, target, () => void (mounted += 1));
    }
  } catch (error) {
    detach();
    throw error;
  }
  return {
    [Symbol.asyncDispose]: () => {
      detach();
      return Promise.resolve();
    },
  };
}

/** `mounts` with one more option, as `volatile` for an overlay whose upper directory no crash needs to survive. */
export function withOption(mounts: readonly MountSpec[], option: string): MountSpec[] {
  return mounts.map((mount) =>
    mount.type === "overlay" && !mount.options.includes(option)
      ? { ...mount, options: [...mount.options, option] }
      : mount,
  );
}

interface Parsed {
  readonly flags: number;
  readonly propagation: number[];
  readonly data: readonly string[];
}

function mountOne(mount: MountSpec, target: string, done: () => void): void {
  const { flags, propagation, data } = parseOptions(mount.options);
  if ((flags & MS_BIND) !== 0) bindMount(mount, target, flags, done);
  else if (mount.type === "overlay") mountOverlay(data, target, flags, done);
  else {
    sysMount(mount.source, target, mount.type, flags, data.join(","));
    done();
  }
  for (const kind of propagation) sysMount("none", target, "", kind, "");
}

function parseOptions(options: readonly string[]): Parsed {
  let flags = 0;
  const propagation: number[] = [];
  const data: string[] = [];
  for (const option of options) {
    const flag = flagOptions.get(option);
    const kind = propagationOptions.get(option);
    if (flag !== undefined) flags |= flag;
    else if (kind !== undefined) propagation.push(kind);
    else data.push(option);
  }
  return { flags, propagation, data };
}

/** The kernel takes a bind's other flags only when it is mounted again. */
function bindMount(mount: MountSpec, target: string, flags: number, done: () => void): void {
  sysMount(mount.source, target, "", flags & (MS_BIND | MS_REC), "");
  done();
  const rest = flags & ~(MS_BIND | MS_REC);
  if (rest !== 0) sysMount("none", target, "", MS_REMOUNT | MS_BIND | rest, "");
}

function mountOverlay(data: readonly string[], target: string, flags: number, done: () => void): void {
  if (data.includes("volatile")) clearVolatileMark(data);
  const text = data.join(",");
  if (Buffer.byteLength(text) <= MAX_DATA) sysMount("overlay", target, "overlay", flags, text);
  else if (!mountOverlayLayers(data, target, flags)) mountByDescriptors(data, target, flags);
  done();
}

/**
 * A volatile mount leaves a mark in its work directory, and the kernel refuses to mount over one. Whether the upper
 * directory is good is for the caller to say, by asking for the mount.
 */
function clearVolatileMark(data: readonly string[]): void {
  const workdir = data.find((option) => option.startsWith("workdir="))?.slice("workdir=".length);
  if (workdir === undefined) return;
  rmSync(join(unescapeOption(workdir), "work/incompat/volatile"), { recursive: true, force: true });
}

/** Kernels without `lowerdir+`: the lower directories by descriptor, which makes each name short. */
function mountByDescriptors(data: readonly string[], target: string, flags: number): void {
  const opened: number[] = [];
  const short = (path: string): string => {
    const fd = openAt(AT_FDCWD, path, O_PATH | O_DIRECTORY);
    opened.push(fd);
    return `/proc/self/fd/${fd}`;
  };
  try {
    const options = data.map((option) =>
      option.startsWith("lowerdir=") ? `lowerdir=${lowerDirectories(option).map(short).join(":")}` : option,
    );
    const text = options.join(",");
    if (Buffer.byteLength(text) > MAX_DATA) {
      throw new SlipwayError("resource_exhausted", `Cannot mount overlay on "${target}": too many layers`);
    }
    sysMount("overlay", target, "overlay", flags, text);
  } finally {
    for (const fd of opened) closeFd(fd);
  }
}

/** A file system of its own on a loop device, whose power can be cut. */
import { dlopen, FFIType, ptr } from "bun:ffi";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../lab.ts";

/** linux/fs.h: `FS_IOC_SHUTDOWN`, with which ext4 stops as at a power cut: what is not on the disk by now is lost. */
const FS_IOC_SHUTDOWN = 0x8004587d;
const GOING_NOLOGFLUSH = 2;

export class CrashDisk implements AsyncDisposable {
  readonly path: string;
  readonly #image: string;
  #device = "";

  private constructor(directory: string) {
    this.path = join(directory, "disk");
    this.#image = join(directory, "disk.img");
  }

  /** Undefined where no loop device can be mounted, as in most containers. */
  static async open(bytes: number): Promise<CrashDisk | undefined> {
    const directory = mkdtempSync(join(tmpdir(), "slipway-disk-"));
    const disk = new CrashDisk(directory);
    mkdirSync(disk.path);
    writeFileSync(disk.#image, "");
    truncateSync(disk.#image, bytes);
    const made = await run(["mkfs.ext4", "-q", "-m", "0", disk.#image]).catch(() => undefined);
    if (made?.code === 0 && (await disk.#mount())) return disk;
    rmSync(directory, { recursive: true });
    return undefined;
  }

  /** From now on nothing reaches the disk, and everything that wants to fails with EIO. */
  cutPower(): void {
    const { symbols, close } = dlopen("libc.so.6", {
      ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    });
    const fd = openSync(this.path, "r");
    try {
      const flags = new Uint32Array([GOING_NOLOGFLUSH]);
      if (symbols.ioctl(fd, FS_IOC_SHUTDOWN, ptr(flags)) !== 0)
        throw new Error("the file system cannot be shut down");
    } finally {
      closeSync(fd);
      close();
    }
  }

  /** As after a boot: what is in memory is forgotten, the journal is replayed. Nobody may use the disk. */
  async remount(): Promise<void> {
    await this.#unmount();
    if (!(await this.#mount())) throw new Error("the disk cannot be mounted again");
  }

  /**
   * Each time on a new loop device: should a mount namespace of others still hold the disk that was cut off, it must not
   * be found again.
   */
  async #mount(): Promise<boolean> {
    const { stdout, code } = await run(["losetup", "--find", "--show", this.#image]);
    if (code !== 0) return false;
    this.#device = stdout.trim();
    if ((await run(["mount", this.#device, this.path])).code === 0) return true;
    await run(["losetup", "-d", this.#device]);
    return false;
  }

  /** What stands on the disk goes first, as at a boot. */
  async #unmount(): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      for (const target of overlaysOn(this.path)) await run(["umount", "-l", target]);
      if ((await run(["umount", this.path])).code === 0) {
        await run(["losetup", "-d", this.#device]);
        return;
      }
      await Bun.sleep(100);
    }
    throw new Error(`"${this.path}" stays busy`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#unmount();
    rmSync(join(this.path, ".."), { recursive: true, force: true });
  }
}

function overlaysOn(path: string): string[] {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  const on = lines.filter((line) => line.includes(" - overlay ") && line.includes(`${path}/`));
  return on.map((line) => line.split(" ")[4] ?? "").toReversed();
}

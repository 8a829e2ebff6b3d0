import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { posix } from "node:path";
import type { Mount } from "../../oci/mount.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";

/** Directories that every runtime mounts something on. */
const systemDirectories = ["/proc", "/sys", "/dev"];

/**
 * The mount points of a step as the lowest layer of its filesystem: names the image has cover them, and the runtime
 * finds all it needs without making anything in the layer that is kept. Dispose when the step is unmounted.
 */
export class StubLayer implements Disposable {
  readonly #path: string;

  constructor(
    runDir: string,
    files: readonly string[],
    mounts: readonly (OciMount & { isFile?: boolean })[],
  ) {
    this.#path = `${runDir}/stubs-${crypto.randomUUID()}`;
    mkdirSync(this.#path, { recursive: true, mode: 0o755 });
    for (const directory of systemDirectories) this.#directory(directory);
    for (const file of files) this.#file(file);
    for (const mount of mounts) {
      if (mount.destination.startsWith("/dev/")) continue;
      if (mount.isFile === true) this.#file(mount.destination);
      else this.#directory(mount.destination);
    }
  }

  /** The mounts with this layer under all others. What is no overlay stays as it is. */
  below(mounts: readonly Mount[]): readonly Mount[] {
    return mounts.map((mount) =>
      mount.type === "overlay"
        ? { ...mount, options: mount.options.map((option) => this.#addTo(option)) }
        : mount,
    );
  }

  #addTo(option: string): string {
    return option.startsWith("lowerdir=") ? `${option}:${this.#path}` : option;
  }

  #directory(path: string): void {
    mkdirSync(`${this.#path}${path}`, { recursive: true, mode: 0o755 });
  }

  #file(path: string): void {
    this.#directory(posix.dirname(path));
    writeFileSync(`${this.#path}${path}`, "", { mode: 0o644 });
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

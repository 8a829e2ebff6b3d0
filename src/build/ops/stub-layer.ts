import { rmSync } from "node:fs";
import type { Mount } from "../../oci/mount.ts";
import { makeMountPoints, withLowest } from "../../runtime/mount-points.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";

/** The mount points of a step as the lowest layer of its filesystem. Dispose when the step is unmounted. */
export class StubLayer implements Disposable {
  readonly #path: string;

  constructor(
    runDir: string,
    files: readonly string[],
    mounts: readonly (OciMount & { isFile?: boolean })[],
  ) {
    this.#path = `${runDir}/stubs-${crypto.randomUUID()}`;
    const own = mounts.filter(({ destination }) => !destination.startsWith("/dev/"));
    const [filePoints, directories] = [true, false].map((isFile) =>
      own.filter((mount) => (mount.isFile === true) === isFile).map(({ destination }) => destination),
    );
    makeMountPoints(this.#path, { files: [...files, ...(filePoints ?? [])], directories: directories ?? [] });
  }

  below(mounts: readonly Mount[]): readonly Mount[] {
    return withLowest(mounts, this.#path);
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

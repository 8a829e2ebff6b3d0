import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../peers/find-program.ts";
import { mixedBytes, randomNumbers } from "./random.ts";

/** Name of the small image all scenarios run. */
export const busybox = "bench-busybox";

/** What the scenarios work on. Everything is made from fixed seeds, so that two runs measure the same work. */
export class Inputs {
  readonly directory: string;
  /** `127.0.0.1:40123`, or undefined without a registry. */
  readonly registry: { readonly host: string; clear(): Promise<void> } | undefined;

  constructor(directory: string, registry: Inputs["registry"]) {
    this.directory = directory;
    this.registry = registry;
  }

  /** An empty directory for the named use. */
  scratch(name: string): string {
    const path = join(this.directory, name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Build context of the busybox image, FROM scratch. */
  busyboxContext(): string {
    const path = this.scratch("busybox");
    const program = findProgram("busybox");
    if (program === undefined) throw new Error('busybox is missing: run "npm run bench:setup"');
    copyFileSync(program, join(path, "busybox"));
    chmodSync(join(path, "busybox"), 0o755);
    const steps = [
      "FROM scratch",
      "COPY busybox /bin/busybox",
      `RUN ["/bin/busybox","--install","-s","/bin"]`,
    ];
    writeFileSync(join(path, "Dockerfile"), `${steps.join("\n")}\nCMD ["sh"]\n`);
    return path;
  }

  /** Root directory of a bare runtime's bundle: the same program, unpacked. */
  busyboxRoot(path: string): void {
    mkdirSync(join(path, "bin"), { recursive: true });
    for (const name of ["busybox", "true"])
      copyFileSync(findProgram("busybox") ?? "", join(path, "bin", name));
    for (const name of ["proc", "dev", "sys", "tmp"]) mkdirSync(join(path, name));
  }

  /** 20,000 files, 380 MB: made once, and not to be changed. */
  bigTree(): string {
    const path = join(this.directory, "big-tree");
    return existsSync(path) ? path : this.tree("big-tree", 20_000, 19_000);
  }

  /** `count` files in directories of a hundred, sizes from 0 to twice `meanSize`, made anew. */
  tree(name: string, count: number, meanSize: number): string {
    const path = this.scratch(name);
    const next = randomNumbers(count);
    const content = mixedBytes(meanSize, meanSize * 2);
    for (let file = 0; file < count; file += 1) {
      const directory = join(path, "files", `d${Math.floor(file / 100)}`);
      if (file % 100 === 0) mkdirSync(directory, { recursive: true });
      content.writeUInt32LE(next(), 0);
      writeFileSync(join(directory, `f${file}`), content.subarray(0, next() % (meanSize * 2)));
    }
    return path;
  }
}

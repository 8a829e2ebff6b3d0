import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atomicWrite } from "../internal/atomic-write.ts";
import type { OciSpec } from "./spec/oci-spec.ts";
import { serializeSpec } from "./spec/serialize-spec.ts";

/** crun loads this program, in base64, instead of compiling the profile; others do not look at it. */
const annotation = "run.oci.seccomp_bpf_data";

/** A bundle made ready: call `learn` with crun's own directory of the container once it is created. */
export interface PreparedSeccomp {
  learn(stateDirectory: string): Promise<void>;
}

const nothing: PreparedSeccomp = { learn: () => Promise.resolve() };

/**
 * Keeps what crun compiled of a seccomp profile. Compiling Docker's default one takes libseccomp 10 ms, half of the
 * time of a start, and gives the same program each time. The profile itself stays in config.json: `exec` wants it,
 * and a crun that does not know the annotation compiles it as ever.
 */
export class SeccompCache {
  readonly #directory: string;
  readonly #programs = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async prepare(bundle: string): Promise<PreparedSeccomp> {
    const path = join(bundle, "config.json");
    const spec = JSON.parse(await readFile(path, "utf8")) as OciSpec;
    const { seccomp } = spec.linux;
    if (seccomp === undefined || spec.annotations?.[annotation] !== undefined) return nothing;
    const key = createHash("sha256").update(JSON.stringify(seccomp)).digest("hex");
    const program = await this.#find(key);
    if (program === undefined) return { learn: (state) => this.#learn(key, state) };
    const annotations = { ...spec.annotations, [annotation]: program };
    await writeFile(path, serializeSpec({ ...spec, annotations }));
    return nothing;
  }

  async #find(key: string): Promise<string | undefined> {
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const program = await readFile(join(this.#directory, key), "base64").catch(() => "");
    if (program === "") return undefined;
    this.#programs.set(key, program);
    return program;
  }

  /** A program that is not whole instructions of 8 bytes is not one. */
  async #learn(key: string, stateDirectory: string): Promise<void> {
    const program = await readFile(join(stateDirectory, "seccomp.bpf")).catch(() => Buffer.alloc(0));
    if (program.length === 0 || program.length % 8 !== 0) return;
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await atomicWrite(join(this.#directory, key), program, 0o600);
    this.#programs.set(key, program.toString("base64"));
  }
}

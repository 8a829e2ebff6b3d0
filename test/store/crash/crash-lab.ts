/** An engine that is used, and struck by faults; and what it has acknowledged. */
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRegistry } from "../../registry/local-registry.ts";
import { build, EngineProcess, makeBusybox } from "../../engine/lab.ts";
import { run } from "../lab.ts";
import { CrashDisk } from "./crash-disk.ts";

/** Image IDs by name. A name that the last, unanswered request was about may mean anything. */
type Images = Map<string, string>;

export interface Work {
  readonly kind: string;
  /** The name that it changes; none: it changes no name. */
  readonly name?: string;
  /** Resolves, as the engine's acknowledgement, to the image the name means from now on; undefined: to none. */
  readonly go: () => Promise<string | undefined>;
}

const layers = ["one", "two", "three"];

export class CrashLab implements AsyncDisposable {
  readonly images: Images = new Map();
  readonly #directory = mkdtempSync(join(tmpdir(), "slipway-crash-"));
  readonly #remote = new Map<string, string>();
  readonly #archives: { path: string; name: string; id: string }[] = [];
  #container = "";
  #made = 0;

  private constructor(
    readonly at: EngineProcess,
    readonly registry: LocalRegistry,
    readonly disk: CrashDisk | undefined,
  ) {}

  static async open(): Promise<CrashLab> {
    const disk = await CrashDisk.open(512 << 20);
    const at =
      disk === undefined
        ? await EngineProcess.start()
        : await EngineProcess.start(join(disk.path, "engine/root"));
    const lab = new CrashLab(at, await LocalRegistry.open(), disk);
    await lab.#prepare();
    return lab;
  }

  /** Two images in the registry, two in archives, and a container to commit. */
  async #prepare(): Promise<void> {
    const { engine, root } = this.at;
    await makeBusybox(engine, root);
    for (let n = 0; n < 2; n += 1) {
      const name = `${this.registry.host}/pulled:${n}`;
      this.#remote.set(name, await this.#build(name));
      for await (const _line of engine.images.push(name));
      await engine.images.remove(name);
      const loaded = `loaded:${n}`;
      const id = await this.#build(loaded);
      const path = join(this.#directory, `loaded-${n}.tar`);
      await pipeline(await engine.images.save([loaded]), createWriteStream(path));
      this.#archives.push({ path, name: loaded, id });
      await engine.images.remove(loaded);
    }
    await engine.builds.prune({ all: true });
    const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["true"], name: "committed" });
    this.#container = Id;
    this.images.set("busybox:latest", (await engine.images.inspect("busybox")).Id);
  }

  async #build(name: string, more = ""): Promise<string> {
    const path = join(this.#directory, `context-${(this.#made += 1)}`);
    mkdirSync(path);
    for (const layer of layers) writeFileSync(join(path, layer), randomBytes(200_000));
    const text = `FROM busybox\n${layers.map((layer) => `COPY ${layer} /${layer}\n`).join("")}${more}`;
    try {
      const context = { kind: "directory", path } as const;
      const { id } = await build(this.at.engine, { context, dockerfile: { text }, tags: [name] });
      return id;
    } finally {
      rmSync(path, { recursive: true });
    }
  }

  /** Something to do, by chance. `hasProcesses`: with steps that run programs. */
  work(hasProcesses: boolean): Work {
    const kinds = [this.#pull, this.#load, this.#buildWork, this.#commit, this.#remove, this.#prune];
    return pick(kinds).call(this, hasProcesses);
  }

  #pull(): Work {
    const [name, id] = pick([...this.#remote]);
    return {
      kind: "pull",
      name,
      go: async () => {
        for await (const _line of this.at.engine.images.pull(name));
        return id;
      },
    };
  }

  #load(): Work {
    const { path, name, id } = pick(this.#archives);
    return {
      kind: "load",
      name,
      go: async () => {
        for await (const _line of this.at.engine.images.load(createReadStream(path)));
        return id;
      },
    };
  }

  #buildWork(hasProcesses: boolean): Work {
    const name = `built:${Math.floor(Math.random() * 3)}`;
    const salt = this.#made;
    const more = hasProcesses ? `RUN echo ${salt} > /made && usleep 20000\n` : "";
    return { kind: "build", name, go: async () => await this.#build(name, more) };
  }

  #commit(): Work {
    const name = `committed:${Math.floor(Math.random() * 3)}`;
    const change = `LABEL salt=${(this.#made += 1)}`;
    const go = async () =>
      (await this.at.engine.files.commit(this.#container, { reference: name, changes: [change] })).Id;
    return { kind: "commit", name, go };
  }

  #remove(): Work {
    const names = [...this.images.keys()].filter((each) => each !== "busybox:latest");
    if (names.length === 0) return this.#pull();
    const name = pick(names);
    const go = async () => {
      await this.at.engine.images.remove(name, { force: true });
      return undefined;
    };
    return { kind: "rm", name, go };
  }

  #prune(): Work {
    const go = async () => {
      await this.at.engine.builds.prune({ all: true });
      await this.at.engine.images.prune();
      return undefined;
    };
    return { kind: "prune", go };
  }

  /** The names that the engine has now. */
  async found(): Promise<Images> {
    const list = await this.at.engine.images.list();
    return new Map(list.flatMap(({ Id, RepoTags }) => (RepoTags ?? []).map((name) => [name, Id] as const)));
  }

  /** Leaves `bytes` of the disk free while `work` goes on. Only with a disk of its own. */
  async withFree<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const filler = join(this.at.root, "../filler");
    const { bavail, bsize } = statfsSync(this.at.root);
    await run(["fallocate", "-l", String(Math.max(4096, bavail * bsize - bytes)), filler]);
    try {
      return await work();
    } finally {
      rmSync(filler, { force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.at[Symbol.asyncDispose]();
    await this.disk?.[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

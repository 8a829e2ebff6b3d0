/** A builder on a root of its own, with a busybox base in its store. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BuildEvent, BuildRequest, BuildResult } from "../../src/build/builder.ts";
import { LocalBuilder } from "../../src/build/local-builder.ts";
import { FileContentStore } from "../../src/content/file-content-store.ts";
import { CompressedLayers } from "../../src/image/compressed-layers.ts";
import { ImageRecords } from "../../src/image/image-records.ts";
import { ImageStore } from "../../src/image/image-store.ts";
import { LayerStore } from "../../src/image/layer-store.ts";
import { LazyLayers } from "../../src/image/lazy-layers.ts";
import { PushCompressor } from "../../src/image/push-compressor.ts";
import { snapshotPacker } from "../../src/image/snapshot-packer.ts";
import { Unpacker } from "../../src/image/unpacker.ts";
import { noTrace } from "../../src/internal/trace.ts";
import { OverlayDiffer } from "../../src/layer/overlay-differ.ts";
import type { CallOptions } from "../../src/oci/call-options.ts";
import type { Digest } from "../../src/oci/digest.ts";
import type { ImageConfig } from "../../src/oci/image-config.ts";
import { openRuntime } from "../../src/runtime/oci-runtime.ts";
import { readHostFacts } from "../../src/runtime/spec/host-facts.ts";
import { OverlaySnapshotter } from "../../src/snapshot/overlay-snapshotter.ts";
import { Leases } from "../../src/state/leases.ts";
import { State } from "../../src/state/state.ts";

/** What one build said and made. */
export interface Built {
  readonly events: BuildEvent[];
  readonly result: BuildResult;
  readonly config: ImageConfig;
}

export class BuildHarness implements AsyncDisposable {
  readonly root: string;
  readonly state: State;
  readonly leases: Leases;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly snapshotter: OverlaySnapshotter;
  readonly differ: OverlayDiffer;
  builder!: LocalBuilder;

  private constructor(root: string, content: FileContentStore) {
    this.root = root;
    this.state = State.open(join(root, "state.db"));
    const { db } = this.state;
    this.leases = new Leases(db);
    this.differ = new OverlayDiffer({ store: content });
    this.snapshotter = OverlaySnapshotter.open({ root: join(this.root, "snapshots"), db });
    this.layers = new LayerStore(db);
    const compressed = new CompressedLayers(db);
    const parts = { snapshotter: this.snapshotter, differ: this.differ, content, leases: this.leases };
    const lazy = new LazyLayers({ content, layers: this.layers, compressed, pack: snapshotPacker(parts) });
    this.images = new ImageStore({ content, records: new ImageRecords(db), lazy });
    this.compressor = new PushCompressor({ content, images: this.images, compressed, lazy });
    this.unpacker = new Unpacker({ ...parts, layers: this.layers, compressed });
  }

  private readonly unpacker: Unpacker;
  readonly compressor: PushCompressor;

  /** With `busybox:latest` in the store. Needs root. `now`: the builder's clock. */
  static async open({ now = Date.now }: { readonly now?: () => number } = {}): Promise<BuildHarness> {
    const root = mkdtempSync(join(tmpdir(), "slipway-build-"));
    const harness = new BuildHarness(root, await FileContentStore.open(join(root, "content")));
    await harness.#start(now);
    await harness.#makeBusybox();
    return harness;
  }

  async #start(now: () => number): Promise<void> {
    const runtime = await openRuntime({
      runDir: join(this.root, "run"),
      searchPath: process.env["PATH"] ?? "",
    });
    this.builder = new LocalBuilder({
      state: this.state,
      images: this.images,
      layers: this.layers,
      unpacker: this.unpacker,
      snapshotter: this.snapshotter,
      differ: this.differ,
      compressor: this.compressor,
      runtime,
      facts: readHostFacts(),
      leases: this.leases,
      runDir: join(this.root, "run", "builds"),
      scratchDir: join(this.root, "builds"),
      cacheDir: join(this.root, "cache-mounts"),
      knownHosts: join(this.root, "known_hosts"),
      networkFor: (mode) =>
        Promise.resolve({
          namespace: mode === "host" ? "host" : "private",
          resolvConf: "nameserver 192.0.2.1\n",
          hosts: "127.0.0.1\tlocalhost\n",
          hostGateway: "192.0.2.254",
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
      version: "0",
      compress: (target) => Promise.resolve(target),
      debugShell: () => Promise.resolve(),
      hostCA: "/etc/ssl/certs/ca-certificates.crt",
      now,
      trace: noTrace,
      concurrency: 2,
    });
  }

  async #makeBusybox(): Promise<void> {
    const context = this.directory("busybox");
    mkdirSync(join(context, "bin"));
    const { copyFileSync, symlinkSync, writeFileSync } = await import("node:fs");
    copyFileSync("/bin/busybox", join(context, "bin/busybox"));
    const names =
      "sh ls cat echo mkdir rm touch sleep env id stat find grep cp mv chmod true false pwd ln test wc";
    for (const name of names.split(" ")) symlinkSync("busybox", join(context, "bin", name));
    mkdirSync(join(context, "etc"));
    writeFileSync(
      join(context, "etc/passwd"),
      "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n",
    );
    writeFileSync(join(context, "etc/group"), "root:x:0:\napp:x:1001:\n");
    mkdirSync(join(context, "tmp"), { mode: 0o1777 });
    await this.build({
      context: { kind: "directory", path: context },
      dockerfile: { text: 'FROM scratch\nCOPY . /\nCMD ["sh"]\n' },
      tags: ["busybox:latest"],
      // Two harnesses have the same base.
      sourceDateEpoch: 1_000_000_000,
    });
  }

  /** A new directory of the test's. */
  directory(name: string): string {
    const path = join(this.root, "contexts", name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async build(request: BuildRequest, options?: CallOptions): Promise<Built> {
    const events: BuildEvent[] = [];
    const result = await this.builder.build(request, (event) => void events.push(event), {
      ...options,
      cacheRegistry: (reference) => {
        throw new Error(`No registry for "${reference}"`);
      },
      resolveImage: (reference) => Promise.resolve({ manifest: this.images.get(reference).manifest }),
    });
    return { events, result, config: this.configOf(result.imageID) };
  }

  configOf(id: Digest): ImageConfig {
    return JSON.parse(this.images.get(id).config) as ImageConfig;
  }

  /** What is mounted below the harness's root. */
  mounts(): string[] {
    return readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => line.includes(this.root));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.builder[Symbol.asyncDispose]();
    await this.snapshotter[Symbol.asyncDispose]();
    await this.differ[Symbol.asyncDispose]();
    this.state[Symbol.dispose]();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** `name → [cached, causes]` of every completed vertex, by its name. */
export function outcomes(
  events: readonly BuildEvent[],
): Map<string, { cached: boolean; causes: readonly string[] }> {
  const names = new Map<string, string>();
  const found = new Map<string, { cached: boolean; causes: readonly string[] }>();
  for (const event of events) {
    if (event.type === "vertex") names.set(event.id, event.name);
    if (event.type === "completed")
      found.set(names.get(event.id) ?? event.id, { cached: event.cached, causes: event.causes ?? [] });
  }
  return found;
}

/** Everything the build printed. */
export function output(events: readonly BuildEvent[]): string {
  return events.map((event) => (event.type === "log" ? event.data : "")).join("");
}

import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "bun:test";
import { SlipwayError } from "../errors.ts";
import type { Endpoint, Network, NetworkConfig, NetworkDriver } from "../network/driver.ts";
import { planNetwork } from "../network/network-plan.ts";
import { NetworkStore } from "../network/network-store.ts";
import { mountAll } from "../platform/mount-all.ts";
import { State } from "../state/state.ts";
import type { Volume } from "../volume/volume.ts";
import { VolumeStore } from "../volume/volume-store.ts";
import { EventJournal } from "./event-journal.ts";
import { Events } from "./events.ts";
import { Networks } from "./networks.ts";
import { TreeArchiver } from "../layer/tree-archiver.ts";
import { TreeCopier } from "../snapshot/tree-copier.ts";
import { VolumeData } from "./volume-data.ts";
import { Volumes } from "./volumes.ts";

/** Plans networks as the bridge driver does, but touches no kernel. */
class MemoryNetworkDriver implements NetworkDriver {
  #count = 0;

  async create(config: NetworkConfig): Promise<Network> {
    this.#count += 1;
    const id = this.#count.toString(16).padStart(2, "0").repeat(32);
    return planNetwork(config, { id, createdAt: "2026-01-01T00:00:00Z", networks: [], routes: [] });
  }
  async attach(): Promise<Endpoint> {
    throw new SlipwayError("not_implemented", "no kernel");
  }
  async detach(): Promise<void> {}
  async delete(): Promise<void> {}
}

async function networks(used: Record<string, string[]> = {}): Promise<Networks> {
  const store = new NetworkStore(
    State.open(":memory:").collection<Network>("network"),
    new MemoryNetworkDriver(),
  );
  await store.ensurePredefined("slipway9");
  await store.ensurePredefined("slipway9");
  const containers = {
    nameOf: () => "web",
    users: (name: string) => used[name] ?? [],
    plainEndpoints: () => [],
    connect: async () => "id",
    disconnect: async () => {
      throw new SlipwayError("not_found", "No such container: web");
    },
  };
  return new Networks({ store, endpoints: () => [], containers, events: new Events(() => 0) });
}

test("Networks has the predefined networks once, and refuses to remove them", async () => {
  const service = await networks();
  const all = await service.list();
  expect(all.map(({ Name, Driver }) => `${Name} ${Driver}`).toSorted()).toEqual([
    "bridge bridge",
    "host host",
    "none null",
  ]);
  await expect(service.remove("bridge")).rejects.toThrow(
    "bridge is a pre-defined network and cannot be removed",
  );
  await expect(service.create({ Name: "host" })).rejects.toThrow("predefined host network");
});

test("Networks.create() records what was asked for, and refuses a taken name", async () => {
  const service = await networks();
  const IPAM = { Config: [{ Subnet: "10.9.0.0/16", Gateway: "10.9.0.254", IPRange: "10.9.5.0/24" }] };
  const { Id } = await service.create({ Name: "app", Internal: true, IPAM, Labels: { a: "b" } });
  const shown = await service.inspect(Id.slice(0, 6));
  expect(shown).toMatchObject({ Name: "app", Internal: true, Driver: "bridge", Labels: { a: "b" } });
  expect(shown.IPAM.Config).toEqual([
    { Subnet: "10.9.0.0/16", IPRange: "10.9.5.0/24", Gateway: "10.9.0.254" },
  ]);
  await expect(service.create({ Name: "app" })).rejects.toThrow("network with name app already exists");
  await expect(service.inspect("nope")).rejects.toThrow("network nope not found");
});

test("Networks.create() names what it cannot do", async () => {
  const service = await networks();
  await expect(service.create({ Name: "a", Driver: "overlay" })).rejects.toThrow(
    'Driver "overlay" is not supported',
  );
  await expect(service.create({ Name: "a", Driver: "weave" })).rejects.toThrow('plugin "weave" not found');
  await expect(service.create({ Name: "a", Driver: "host" })).rejects.toThrow('only one instance of "host"');
  const Options = { "com.docker.network.bridge.gateway_mode_ipv4": "routed" };
  await expect(service.create({ Name: "a", Options })).rejects.toThrow("gateway_mode_ipv4=routed");
});

test("Networks.list() filters by type, name, label and dangling; an unknown filter is refused", async () => {
  const service = await networks({ used: ["web"] });
  await service.create({ Name: "used" });
  await service.create({ Name: "spare", Labels: { team: "a" } });
  const names = async (filters: Record<string, string[]>): Promise<string[]> =>
    (await service.list({ filters })).map(({ Name }) => Name).toSorted();
  expect(await names({ type: ["custom"] })).toEqual(["spare", "used"]);
  expect(await names({ dangling: ["true"] })).toEqual(["spare"]);
  expect(await names({ label: ["team=a"] })).toEqual(["spare"]);
  expect(await names({ name: ["us"] })).toEqual(["used"]);
  await expect(service.list({ filters: { colour: ["red"] } })).rejects.toThrow("invalid filter 'colour'");
});

test("Networks.prune() removes custom networks that no container has", async () => {
  const service = await networks({ used: ["web"] });
  await service.create({ Name: "used" });
  await service.create({ Name: "spare" });
  expect(await service.prune()).toEqual({ NetworksDeleted: ["spare"] });
  expect(await service.prune({ filters: { until: ["1h"] } })).toEqual({ NetworksDeleted: [] });
});

test("Networks.disconnect() with force says that there is no endpoint of a container that is gone", async () => {
  const service = await networks();
  const forced = service.disconnect("bridge", "web", { force: true });
  await expect(forced).rejects.toThrow("endpoint web not found");
  await expect(service.disconnect("bridge", "web")).rejects.toThrow("No such container: web");
  await expect(service.connect("host", "web")).rejects.toThrow("host network");
});

/** `flushed` is told, before each flush of a volume, what its record says then. */
async function withVolumes(
  work: (service: Volumes) => Promise<void>,
  flushed: (directory: string, pending: boolean) => void = () => {},
): Promise<void> {
  const path = await mkdtemp(join(tmpdir(), "slipway-volumes-"));
  // A file system of its own: flushing that of the host takes as long as others have been writing.
  const mounted = mountAll([{ type: "tmpfs", source: "tmpfs", options: ["size=8m"] }], path);
  try {
    const store = new VolumeStore(State.open(":memory:").collection<Volume>("volume"), path);
    const users = (name: string): string[] => (name === "used" ? ["abc"] : []);
    await using archiver = new TreeArchiver();
    await using trees = new TreeCopier();
    const copier = {
      copy: (from: string, to: string) => trees.copy(from, to),
      flush: async (directory: string) => {
        const name = basename(dirname(directory));
        flushed(directory, store.get(name).pending === true);
        await trees.flush(directory);
      },
    };
    const data = new VolumeData({ store, archiver, copier, users });
    await work(new Volumes({ store, data, users, events: new Events(() => 0) }));
  } finally {
    await mounted[Symbol.asyncDispose]();
    await rm(path, { recursive: true, force: true });
  }
}

test("Volumes lists by filter, and removes only what nobody uses", async () => {
  await withVolumes(async (service) => {
    await service.create({ Name: "used" });
    await service.create({ Name: "spare", Labels: { a: "b" } });
    const names = async (filters: Record<string, string[]>): Promise<string[]> =>
      (await service.list({ filters })).Volumes.map(({ Name }) => Name);
    expect(await names({ dangling: ["true"] })).toEqual(["spare"]);
    expect(await names({ label: ["a=b"] })).toEqual(["spare"]);
    await expect(service.remove("used")).rejects.toThrow("remove used: volume is in use - [abc]");
    await expect(service.remove("nope")).rejects.toThrow("get nope: no such volume");
    await service.remove("nope", { force: true });
  });
});

test("Volumes.prune() takes anonymous volumes, and all with the filter", async () => {
  await withVolumes(async (service) => {
    await service.create({ Name: "named" });
    await service.create({ Name: "used" });
    const { Name } = await service.create({});
    expect((await service.prune()).VolumesDeleted).toEqual([Name]);
    expect((await service.prune({ filters: { all: ["true"] } })).VolumesDeleted).toEqual(["named"]);
  });
});

test("Volumes.clone(), export() and import() keep what a volume holds, whole or not at all", async () => {
  await withVolumes(async (service) => {
    const { Mountpoint } = await service.create({ Name: "data", Labels: { a: "b" } });
    await mkdir(join(Mountpoint, "deep"));
    await writeFile(join(Mountpoint, "deep/file"), "kept", { mode: 0o640 });
    await symlink("/etc/passwd", join(Mountpoint, "out"));
    const clone = await service.clone("data", "copy");
    expect(clone).toMatchObject({ Name: "copy", Labels: { a: "b" } });
    expect(await readFile(join(clone.Mountpoint, "deep/file"), "utf8")).toBe("kept");
    expect(await failure(service.clone("data", "copy"))).toBe("a volume named copy already exists");
    const archive = await Array.fromAsync(await service.export("data"));
    const again = await service.import("again", stream(archive));
    expect((await stat(join(again.Mountpoint, "deep/file"))).mode & 0o777).toBe(0o640);
    expect(await readlink(join(again.Mountpoint, "out"))).toBe("/etc/passwd");
    expect(await failure(service.import("again", stream(archive)))).toBe(
      "Cannot import into volume again: it is not empty",
    );
    expect(await failure(service.import("bad", stream([Buffer.alloc(1024, "x")])))).not.toBe("");
    expect(await failure(service.inspect("bad"))).toBe("get bad: no such volume");
    expect(await failure(service.export("none"))).toBe("get none: no such volume");
  });
});

test("Volumes.clone() and import() flush what they wrote before the record promises it", async () => {
  const seen: [text: string, pending: boolean][] = [];
  const flushed = (directory: string, pending: boolean) =>
    void seen.push([readFileSync(join(directory, "file"), "utf8"), pending]);
  await withVolumes(async (service) => {
    const { Mountpoint } = await service.create({ Name: "data" });
    await writeFile(join(Mountpoint, "file"), "kept");
    await service.clone("data", "copy");
    await service.import("again", stream(await Array.fromAsync(await service.export("data"))));
    expect(seen).toEqual([
      ["kept", true],
      ["kept", true],
    ]);
  }, flushed);
});

async function* stream(chunks: readonly Uint8Array[]) {
  yield* chunks;
}

async function failure(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "",
    (error: Error) => error.message,
  );
}

test("Events.stream() tells of what an earlier engine did", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-events-"));
  try {
    const path = join(directory, "events.log");
    const first = new Events(() => 1000, await EventJournal.open(path));
    first.publish("volume", "create", "a");
    for (let n = 0; n < 9000; n += 1)
      first.publish("volume", "create", `n${n}`, { padding: "x".repeat(100) });
    await appendFile(path, '{"torn');
    const second = new Events(() => 2000, await EventJournal.open(path));
    const past = await Array.fromAsync(second.stream({ since: new Date(0), until: new Date(1500) }));
    expect(past.length).toBe(1024);
    expect(past.at(-1)?.Actor.ID).toBe("n8999");
    expect((await readdir(directory)).toSorted()).toEqual(["events.log", "events.log.1"]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

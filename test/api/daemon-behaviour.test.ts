/** What the integration tests of Docker's own engine rely on beyond errors, against a real engine. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { EngineProcess, makeBusybox } from "../engine/lab.ts";
import { until } from "../until.ts";
import { ask } from "./ask.ts";

let lab: EngineProcess;

beforeAll(async () => {
  lab = await EngineProcess.start();
  await makeBusybox(lab.engine, lab.root);
});
afterAll(async () => await lab?.[Symbol.asyncDispose]());

async function call<T = Record<string, never>>(
  method: string,
  path: string,
  status: number,
  body?: unknown,
): Promise<T> {
  const answer = await ask(lab.socket, method, path, { body });
  expect([path, answer.status, answer.status === status ? "" : answer.body]).toEqual([path, status, ""]);
  return (answer.body === "" ? {} : JSON.parse(answer.body)) as T;
}

async function made(spec: object, version = ""): Promise<string> {
  const body = { Image: "busybox", Cmd: ["sleep", "1000"], ...spec };
  return (await call<{ Id: string }>("POST", `${version}/containers/create`, 201, body)).Id;
}

async function started(spec: object, version = ""): Promise<string> {
  const id = await made(spec, version);
  await call("POST", `/containers/${id}/start`, 204);
  return id;
}

/** What the container printed, on a terminal or not, when it has ended. */
async function printed(spec: object, version = ""): Promise<string> {
  const id = await started({ ...spec, Tty: true }, version);
  await call("POST", `/containers/${id}/wait`, 200);
  const { body } = await ask(lab.socket, "GET", `/containers/${id}/logs?stdout=1`);
  await remove(id);
  return body;
}

const remove = (id: string) => call("DELETE", `/containers/${id}?force=1&v=1`, 204);

interface Inspected {
  HostConfig: Record<string, unknown>;
  Config: Record<string, unknown>;
  Mounts: Record<string, unknown>[];
}
const inspect = (id: string) => call<Inspected>("GET", `/containers/${id}/json`, 200);

test("inspect shows every field of the host part, what was not asked for as Docker has it", async () => {
  const id = await made({ HostConfig: { NetworkMode: "none", Memory: 64 << 20 } });
  const { HostConfig, Config } = await inspect(id);
  const flags = ["AutoRemove", "Privileged", "PublishAllPorts", "ReadonlyRootfs", "OomKillDisable"];
  for (const name of flags) expect([name, HostConfig[name]]).toEqual([name, false]);
  const zeros = ["CpuShares", "NanoCpus", "CpuPeriod", "CpuQuota", "BlkioWeight", "OomScoreAdj"];
  for (const name of zeros) expect([name, HostConfig[name]]).toEqual([name, 0]);
  const texts = ["ContainerIDFile", "PidMode", "UTSMode", "UsernsMode", "CpusetCpus", "VolumeDriver"];
  for (const name of texts) expect([name, HostConfig[name]]).toEqual([name, ""]);
  const lists = ["Binds", "VolumesFrom", "CapAdd", "Dns", "ExtraHosts", "Links", "Devices", "Ulimits"];
  for (const name of lists) expect([name, HostConfig[name]]).toEqual([name, []]);
  expect(HostConfig).toMatchObject({ Runtime: expect.stringMatching(/runc|crun/), ConsoleSize: [0, 0] });
  expect(HostConfig["CgroupnsMode"]).toMatch(/^(host|private)$/);
  expect(HostConfig["MaskedPaths"]).toContain("/proc/kcore");
  expect(HostConfig["ReadonlyPaths"]).toContain("/proc/sys");
  expect(Config).toMatchObject({ Domainname: "", AttachStdin: false, Tty: false, OpenStdin: false });
  await remove(id);
  const asked = await made({ HostConfig: { MaskedPaths: [], ReadonlyPaths: ["/proc/bus"] } });
  const shown = (await inspect(asked)).HostConfig;
  expect([shown["MaskedPaths"], shown["ReadonlyPaths"]]).toEqual([[], ["/proc/bus"]]);
  await remove(asked);
});

test("links are shown with the names of now", async () => {
  const other = await started({ Cmd: ["sleep", "1000"] });
  await call("POST", `/containers/${other}/rename?name=first`, 204);
  const id = await made({ HostConfig: { Links: ["first:alias"] } });
  await call("POST", `/containers/${id}/rename?name=second`, 204);
  await call("POST", "/containers/first/rename?name=third", 204);
  expect((await inspect(id)).HostConfig["Links"]).toEqual(["/third:/second/alias"]);
  await remove(id);
  await remove(other);
});

test("a link is a further name of its container, until it is removed alone", async () => {
  const other = await started({});
  await call("POST", `/containers/${other}/rename?name=linked`, 204);
  const id = await started({ HostConfig: { Links: ["linked:alias"] } });
  await call("POST", `/containers/${id}/rename?name=linking`, 204);
  const [listed] = await call<{ Names: string[] }[]>(
    "GET",
    `/containers/json?filters={"id":["${other}"]}`,
    200,
  );
  expect(listed?.Names).toEqual(["/linked", "/linking/alias"]);
  expect(await call<object>("GET", "/containers/linking/alias/json", 200)).toMatchObject({ Id: other });
  await call("DELETE", "/containers/linking/alias?link=1", 204);
  await call("GET", "/containers/linking/alias/json", 404);
  expect((await inspect(id)).HostConfig["Links"]).toEqual([]);
  await remove(id);
  await remove(other);
});

test.each(["host", "none"])("a container on the network %s is shown on it while it runs", async (network) => {
  interface Shown {
    NetworkSettings: { Networks: Record<string, { NetworkID: string; EndpointID: string }> };
  }
  const id = await started({ HostConfig: { NetworkMode: network } });
  const { Id, Containers } = await call<{ Id: string; Containers: Record<string, { EndpointID: string }> }>(
    "GET",
    `/networks/${network}`,
    200,
  );
  const own = async () =>
    (await call<Shown>("GET", `/containers/${id}/json`, 200)).NetworkSettings.Networks[network];
  expect(Containers[id]?.EndpointID).toMatch(/^[0-9a-f]{64}$/);
  expect(await own()).toMatchObject({ NetworkID: Id, EndpointID: Containers[id]?.EndpointID });
  await call("POST", `/containers/${id}/stop?t=0`, 204);
  expect(await call<object>("GET", `/networks/${network}`, 200)).toMatchObject({ Containers: {} });
  expect(await own()).toMatchObject({ NetworkID: Id, EndpointID: "" });
  await remove(id);
});

test("what older clients say of a whole container is heeded: its MAC address, that it has no network", async () => {
  const MacAddress = "02:42:ac:11:00:0a";
  const addressed = await started({ MacAddress }, "/v1.41");
  const older = await call<{ Config: object; NetworkSettings: object }>(
    "GET",
    `/v1.41/containers/${addressed}/json`,
    200,
  );
  expect([older.Config, older.NetworkSettings]).toMatchObject([{ MacAddress }, { MacAddress }]);
  await remove(addressed);
  expect(await printed({ Cmd: ["sh", "-c", "ls /sys/class/net"], NetworkDisabled: true })).toBe("lo\r\n");
});

test("hosts that are added are known on the host's network, links to every process", async () => {
  const host = {
    Cmd: ["grep", "1.2.3.4", "/etc/hosts"],
    HostConfig: { NetworkMode: "host", ExtraHosts: ["added:1.2.3.4"] },
  };
  expect(await printed(host)).toBe("1.2.3.4\tadded\r\n");
  const other = await started({});
  const id = await started({ HostConfig: { Links: [`${other}:alias`] } });
  const exec = { Cmd: ["sh", "-c", "env > /tmp/env"] };
  const { Id } = await call<{ Id: string }>("POST", `/containers/${id}/exec`, 201, exec);
  const { body } = await ask(lab.socket, "POST", `/exec/${Id}/start`, { body: {} });
  expect(body).toBe("");
  const env = await ask(lab.socket, "GET", `/containers/${id}/archive?path=/tmp/env`);
  expect(env.body).toContain("ALIAS_NAME=");
  await remove(id);
  await remove(other);
});

test("a prune leaves volumes that were made with options", async () => {
  const DriverOpts = { type: "tmpfs", device: "tmpfs", o: "size=1m" };
  await call("POST", "/volumes/create", 201, { Name: "special", DriverOpts });
  await call("POST", "/volumes/create", 201, { Name: "plain" });
  const filters = encodeURIComponent(JSON.stringify({ all: ["1"] }));
  const pruned = await call<{ VolumesDeleted: string[] }>("POST", `/volumes/prune?filters=${filters}`, 200);
  expect(pruned.VolumesDeleted).toEqual(["plain"]);
  await call("DELETE", "/volumes/special", 204);
});

test("a health check that takes too long tells what it said until then", async () => {
  const Healthcheck = {
    Test: ["CMD-SHELL", "echo said; sleep 60"],
    Interval: 100e6,
    Timeout: 1_500e6,
    Retries: 1,
  };
  const id = await started({ Healthcheck });
  interface Health {
    State: { Health: { Log: { Output: string; ExitCode: number }[] } };
  }
  const told = async () => {
    const { Log } = (await call<Health>("GET", `/containers/${id}/json`, 200)).State.Health;
    const late = Log.filter(({ ExitCode }) => ExitCode === -1).map(({ Output }) => Output);
    return late.includes("Health check exceeded timeout (1.5s): said\n");
  };
  await until(told);
  await remove(id);
});

test("a variable without a value is kept, and takes the image's away", async () => {
  const spec = { Cmd: ["env"], Env: ["Foo", "PATH", "Blank="] };
  const id = await made(spec);
  expect((await inspect(id)).Config["Env"]).toEqual(["Foo", "PATH", "Blank="]);
  await remove(id);
  const lines = (await printed({ ...spec, Cmd: ["/bin/env"] })).split("\r\n");
  expect(lines).toContain("Blank=");
  expect(lines.filter((line) => /^(Foo|PATH)/.test(line))).toEqual([]);
});

test("changes tell of every directory that something changed in", async () => {
  const id = await started({ Cmd: ["sh", "-c", "echo x >> /etc/passwd; rm /bin/ls; mkdir /d; echo > /d/y"] });
  await call("POST", `/containers/${id}/wait`, 200);
  const changes = await call<{ Path: string; Kind: number }[]>("GET", `/containers/${id}/changes`, 200);
  const shown = changes.map(({ Path, Kind }) => `${"CAD"[Kind]} ${Path}`).toSorted();
  expect(shown).toEqual(["A /d", "A /d/y", "C /bin", "C /etc", "C /etc/passwd", "D /bin/ls"]);
  await remove(id);
});

test("an update of the memory leaves the swap as it was made, and none above it is taken", async () => {
  const id = await made({ HostConfig: { Memory: 16 << 20 } });
  const { MemorySwap } = (await inspect(id)).HostConfig;
  await call("POST", `/containers/${id}/update`, 200, { Memory: 24 << 20 });
  expect((await inspect(id)).HostConfig).toMatchObject({ Memory: 24 << 20, MemorySwap });
  // Where the kernel counts swap.
  const status = MemorySwap === 0 ? 200 : 409;
  await call("POST", `/containers/${id}/update`, status, { Memory: 64 << 20 });
  await remove(id);
});

test("version tells the runtime's version", async () => {
  const { Components } = await call<{ Components: { Name: string; Version: string }[] }>(
    "GET",
    "/version",
    200,
  );
  const runtime = Components.find(({ Name }) => /^(crun|runc)$/.test(Name));
  expect(runtime?.Version).toMatch(/^\d+\./);
});

test("an exec ends with the run of its container", async () => {
  const id = await started({});
  const exec = async () =>
    (await call<{ Id: string }>("POST", `/containers/${id}/exec`, 201, { Cmd: ["true"] })).Id;
  const [first, second] = [await exec(), await exec()];
  await call("POST", `/exec/${first}/start`, 200, { Detach: true });
  await call("POST", `/exec/${first}/start`, 409, { Detach: true });
  await call("POST", `/containers/${id}/restart?t=0`, 204);
  await call("POST", `/exec/${second}/start`, 404, { Detach: true });
  await remove(id);
});

test("the terminal has the size that was asked for at the creation", async () => {
  const Cmd = ["busybox", "stty", "size"];
  expect(await printed({ Cmd, HostConfig: { ConsoleSize: [123, 57] } })).toBe("123 57\r\n");
});

const mounts = readFileSync("/proc/self/mountinfo", "utf8");
if (!mounts.includes(" /dev/shm ")) console.log("skipped: read-only mounts, /dev/shm is no mount here");

test.skipIf(!mounts.includes(" /dev/shm "))(
  "read-only mounts are so with all below them, before API 1.44 and on demand without",
  async () => {
    const Cmd = ["sh", "-c", "grep ' /d/shm ' /proc/self/mountinfo | tail -n 1"];
    const bind = (mode: string, version?: string) =>
      printed({ Cmd, HostConfig: { Binds: [`/dev:/d:${mode}`] } }, version);
    expect(await bind("ro")).toContain(" /d/shm ro,");
    expect(await bind("ro-non-recursive")).toContain(" /d/shm rw,");
    expect(await bind("ro", "/v1.43")).toContain(" /d/shm rw,");
    const mount = (BindOptions: object, version?: string) => {
      const Mounts = [{ Type: "bind", Source: "/dev", Target: "/d", ReadOnly: true, BindOptions }];
      return printed({ Cmd, HostConfig: { Mounts } }, version);
    };
    expect(await mount({})).toContain(" /d/shm ro,");
    expect(await mount({ ReadOnlyNonRecursive: true })).toContain(" /d/shm rw,");
    expect(await mount({}, "/v1.43")).toContain(" /d/shm rw,");
  },
);

test("the engine's own root is mounted as a slave, and in no other way", async () => {
  const spec = (mode: string) => ({ HostConfig: { Binds: [`${lab.root}/containers:/x${mode}`] } });
  for (const [mode, propagation] of [
    ["", "rslave"],
    [":rslave", "rslave"],
    [":rshared", "rshared"],
  ] as const) {
    const id = await made(spec(mode));
    expect((await inspect(id)).Mounts[0]?.["Propagation"]).toBe(propagation);
    await remove(id);
  }
  for (const mode of [":private", ":rprivate", ":slave", ":shared"])
    await call("POST", "/containers/create", 400, { Image: "busybox", ...spec(mode) });
});

test("limits are taken away by an update, and an older API leaves what it did not know", async () => {
  const id = await started({ HostConfig: { PidsLimit: 32, CpuQuota: 20_000, NetworkMode: "none" } });
  const limits = async () => (await inspect(id)).HostConfig;
  await call("POST", `/v1.24/containers/${id}/update`, 200, { PidsLimit: 16 });
  expect(await limits()).toMatchObject({ PidsLimit: 32 });
  await call("POST", `/containers/${id}/update`, 200, { PidsLimit: 16, CpuQuota: 15_000 });
  expect(await limits()).toMatchObject({ PidsLimit: 16, CpuQuota: 15_000 });
  await call("POST", `/containers/${id}/update`, 200, { PidsLimit: -1, CpuQuota: -1 });
  expect(await limits()).toMatchObject({ PidsLimit: 0, CpuQuota: -1 });
  const { Pid } = (await call<{ State: { Pid: number } }>("GET", `/containers/${id}/json`, 200)).State;
  const group = /^(?:\d+:pids:|0::)(.*)$/m.exec(await Bun.file(`/proc/${Pid}/cgroup`).text())?.[1] ?? "";
  const files = [`/sys/fs/cgroup/pids${group}/pids.max`, `/sys/fs/cgroup${group}/pids.max`];
  const found = (await Promise.all(files.map((file) => Bun.file(file).exists()))).indexOf(true);
  expect(await Bun.file(files[found] ?? "").text()).toBe("max\n");
  await remove(id);
});

test("images are listed with the names that a filter fits, and by finer times than they show", async () => {
  for (const tag of ["v1", "v2", "v3"]) await call("POST", `/images/busybox/tag?repo=multi&tag=${tag}`, 201);
  const list = (filters: object) =>
    call<{ Id: string; RepoTags: string[] }[]>(
      "GET",
      `/images/json?filters=${encodeURIComponent(JSON.stringify(filters))}`,
      200,
    );
  const [only, ...more] = await list({ reference: ["multi:v1", "multi:v3"] });
  expect([only?.RepoTags.toSorted(), more]).toEqual([["multi:v1", "multi:v3"], []]);
  const id = await made({});
  const images: string[] = [];
  for (let at = 0; at < 4; at++) {
    await Bun.sleep(2);
    images.push((await call<{ Id: string }>("POST", `/commit?container=${id}&repo=c&tag=${at}`, 201)).Id);
  }
  const created = async (at: number) =>
    (await call<{ Created: string }>("GET", `/images/${images[at]}/json`, 200)).Created;
  const between = await list({ since: [images[0]], before: [images[3]] });
  expect(between.map(({ Id }) => Id).toSorted()).toEqual(images.slice(1, 3).toSorted());
  const old = await list({ since: [images[0]], until: [await created(2), await created(3)] });
  expect(old.map(({ Id }) => Id)).toEqual([images[1] ?? ""]);
  await remove(id);
});

test("an archive's entries are named after the path as it was written", async () => {
  const id = await made({});
  const first = async (path: string) =>
    firstName((await ask(lab.socket, "GET", `/containers/${id}/archive?path=${path}`)).body);
  for (const path of [".", "./", "/.", "/./"]) expect([path, await first(path)]).toEqual([path, "./"]);
  for (const path of ["bin", "bin/", "/bin"]) expect([path, await first(path)]).toEqual([path, "bin/"]);
  expect(await first("/")).toBe("/");
  await remove(id);
});

test("a list quotes arguments with spaces, and top is told as an event", async () => {
  const id = await started({ Cmd: ["sh", "-c", "echo a; sleep 1000"] });
  const [listed] = await call<{ Command: string }[]>("GET", `/containers/json?filters={"id":["${id}"]}`, 200);
  expect(listed?.Command).toBe("sh -c 'echo a; sleep 1000'");
  await call("GET", `/containers/${id}/top`, 200);
  // The event may be later than the beginning of this millisecond.
  const end = ((Date.now() + 2) / 1000).toFixed(3);
  const filters = encodeURIComponent(JSON.stringify({ container: [id], event: ["top"] }));
  const { body } = await ask(lab.socket, "GET", `/events?since=0&until=${end}&filters=${filters}`);
  expect(JSON.parse(body)).toMatchObject({ Action: "top", Actor: { ID: id } });
  await remove(id);
});

test("a list is newest first, and shows annotations since API 1.46", async () => {
  const Annotations = { foo: "bar" };
  const ids: string[] = [];
  for (let count = 0; count < 20; count++) ids.unshift(await made({ HostConfig: { Annotations } }));
  const list = (version: string) =>
    call<{ Id: string; HostConfig: object }[]>("GET", `${version}/containers/json?all=1&limit=20`, 200);
  expect((await list("")).map(({ Id }) => Id)).toEqual(ids);
  expect((await list("/v1.46"))[0]?.HostConfig).toMatchObject({ Annotations });
  expect((await list("/v1.45"))[0]?.HostConfig).not.toHaveProperty("Annotations");
  for (const id of ids) await remove(id);
});

test("a network is meant by its ID before any name", async () => {
  const create = async (Name: string) =>
    (await call<{ Id: string }>("POST", "/networks/create", 201, { Name })).Id;
  const id = await create("first");
  const other = await create(id);
  const ofSubnet = (Name: string, Subnet: string) => ({ Name, IPAM: { Config: [{ Subnet }] } });
  await call("POST", "/networks/create", 201, ofSubnet("second", "10.213.7.0/24"));
  await call("POST", "/networks/create", 403, ofSubnet("third", "10.213.0.0/16"));
  expect(await call<object>("GET", `/networks/${id}`, 200)).toMatchObject({ Name: "first", Id: id });
  await call("DELETE", `/networks/${id}`, 204);
  await call("DELETE", `/networks/${id}`, 204);
  await call("GET", `/networks/${other}`, 404);
});

test("events end at the time that was asked for, whenever it is", async () => {
  const ends = Array.from({ length: 8 }, (_, at) => {
    const end = (Date.now() + 20 + at * 3.3) / 1000;
    return ask(lab.socket, "GET", `/events?until=${end.toFixed(6)}&filters={"event":["rename"]}`);
  });
  expect((await Promise.all(ends)).map(({ status }) => status)).toEqual(ends.map(() => 200));
});

/** The name of a tar's first entry; what a PAX header tells besides is passed over. */
function firstName(tar: string): string {
  const isPax = tar[156] === "x";
  const size = Number.parseInt(tar.slice(124, 136), 8);
  const at = isPax ? 512 + Math.ceil(size / 512) * 512 : 0;
  return tar.slice(at, at + 100).replace(/\0.*$/s, "");
}

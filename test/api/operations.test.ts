/** Every operation of the Engine API, against a real engine: status as expected, answer as the document has it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { CheckedApi, type Answer } from "../containers/open-api-answers.ts";
import { EngineProcess, makeBusybox } from "../engine/lab.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { tarOf } from "../containers/archives.ts";

let lab: EngineProcess;
let api: CheckedApi;

beforeAll(async () => {
  lab = await EngineProcess.start();
  api = new CheckedApi(lab.socket);
  await makeBusybox(lab.engine, lab.root);
});
afterAll(async () => await lab?.[Symbol.asyncDispose]());

async function call(method: string, path: string, status: number, body?: object, headers?: Headers) {
  const answer = await api.ask(method, path, { body, headers: headers ?? {} });
  expect([method, path, answer.status, answer.status === status ? "" : answer.text]).toEqual([
    method,
    path,
    status,
    "",
  ]);
  return answer;
}
type Headers = Readonly<Record<string, string>>;

async function tar(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
  return Buffer.concat(await Array.fromAsync(tarOf(...entries)));
}

const idOf = ({ text }: Answer) => (JSON.parse(text) as { Id: string }).Id;

test("containers, from their creation to their removal", async () => {
  const spec = { Image: "busybox", Cmd: ["sh", "-c", "echo hello; sleep 1000"], OpenStdin: true };
  const id = idOf(await call("POST", "/containers/create?name=one", 201, spec));
  await call("POST", "/containers/one/start", 204);
  await call("POST", "/containers/one/start", 304);
  await call("GET", "/containers/json?all=1&size=1", 200);
  await call("GET", "/containers/one/json?size=1", 200);
  await call("GET", "/containers/one/top", 200);
  await call("GET", "/containers/one/logs?stdout=1&stderr=1", 200);
  await call("GET", "/containers/one/stats?stream=0", 200);
  await call("GET", "/containers/one/stats?stream=0&one-shot=1", 200);
  await call("POST", "/containers/one/attach?logs=1&stdout=1", 200);
  await call("GET", "/containers/one/attach/ws?stream=1", 400);
  await call("POST", "/containers/one/resize?h=20&w=80", 200);
  await call("POST", "/containers/one/update", 200, { Memory: 64 << 20, MemorySwap: 128 << 20 });
  await call("POST", "/containers/one/rename?name=two", 204);
  await call("POST", "/containers/two/pause", 204);
  await call("POST", "/containers/two/unpause", 204);
  const archive = await tar({ "f.txt": "in\n" });
  await call("PUT", "/containers/two/archive?path=/tmp", 200, archive);
  await call("HEAD", "/containers/two/archive?path=/tmp/f.txt", 200);
  await call("GET", "/containers/two/archive?path=/tmp/f.txt", 200);
  await call("GET", "/containers/two/changes", 200);
  await call("GET", "/containers/two/export", 200);
  const exec = idOf(await call("POST", "/containers/two/exec", 201, { Cmd: ["cat"], Tty: true }));
  await call("POST", `/exec/${exec}/start`, 200, { Detach: true, Tty: true });
  await call("POST", `/exec/${exec}/resize?h=20&w=80`, 200);
  // Of one that has ended: of a running one Docker's engine says null where its document wants a number.
  const ended = { Cmd: ["true"], AttachStdout: true };
  const over = idOf(await call("POST", "/containers/two/exec", 201, ended));
  await call("POST", `/exec/${over}/start`, 200, {});
  await call("GET", `/exec/${over}/json`, 200);
  await call("POST", "/commit?container=two&repo=made&tag=1", 201);
  await call("POST", "/containers/two/restart?t=0", 204);
  await call("POST", "/containers/two/kill?signal=KILL", 204);
  await call("POST", "/containers/two/stop?t=0", 304);
  await call("POST", "/containers/two/wait", 200);
  await call("DELETE", `/containers/${id}?v=1`, 204);
  await call("POST", "/containers/create?name=three", 201, { ...spec, HostConfig: { NetworkMode: "none" } });
  await call("POST", "/containers/prune", 200);
});

test("images, with a registry", async () => {
  await using registry = await LocalRegistry.open();
  const name = `localhost:${registry.port}/team/app`;
  await call("POST", `/build?t=${name}:1`, 200, await tar({ Dockerfile: "FROM busybox\nRUN echo x > /x\n" }));
  await call("GET", "/images/json?all=1&digests=1&shared-size=1&manifests=1", 200);
  await call("GET", `/images/${name}:1/json`, 200);
  await call("GET", `/images/${name}:1/json?manifests=1`, 200);
  await call("GET", `/images/${name}:1/history`, 200);
  const auth = { "X-Registry-Auth": Buffer.from("{}").toString("base64url") };
  await call("POST", `/images/${name}/push?tag=1`, 200, undefined, auth);
  await call("GET", `/distribution/${name}:1/json`, 200);
  await call("POST", `/images/${name}:1/tag?repo=other&tag=2`, 201);
  await call("GET", `/images/other:2/get`, 200);
  await call("GET", `/images/get?names=busybox`, 200);
  await call("DELETE", "/images/other:2", 200);
  await call("DELETE", `/images/${name}:1?force=1`, 200);
  await call("POST", `/images/create?fromImage=${name}&tag=1`, 200, undefined, auth);
  await call("POST", `/images/load`, 200, await tar({ nothing: "" }));
  await call("GET", `/images/search?term=localhost:${registry.port}/app`, 200);
  await call("POST", "/images/prune", 200);
  await call("POST", "/build/prune?all=1", 200);
  const account = { username: "u", password: "p", serveraddress: `http://localhost:${registry.port}` };
  await call("POST", "/auth", 200, account);
});

test("networks and volumes", async () => {
  const IPAM = { Config: [{ Subnet: "10.214.9.0/24", Gateway: "10.214.9.1" }] };
  const id = idOf(await call("POST", "/networks/create", 201, { Name: "n", IPAM, Labels: { a: "b" } }));
  await call("POST", "/containers/create?name=four", 201, { Image: "busybox", Cmd: ["sleep", "1000"] });
  await call("POST", "/containers/four/start", 204);
  await call("POST", "/networks/n/connect", 200, { Container: "four", EndpointConfig: { Aliases: ["x"] } });
  await call("GET", "/networks", 200);
  await call("GET", `/networks/${id}?verbose=1`, 200);
  await call("GET", "/containers/four/json", 200);
  await call("POST", "/networks/n/disconnect", 200, { Container: "four" });
  await call("DELETE", "/networks/n", 204);
  await call("POST", "/networks/create", 201, { Name: "m" });
  await call("POST", "/networks/prune", 200);
  await call("DELETE", "/containers/four?force=1", 204);
  await call("POST", "/volumes/create", 201, { Name: "vol", Labels: { a: "b" } });
  await call("GET", "/volumes", 200);
  await call("GET", "/volumes/vol", 200);
  await call("PUT", "/volumes/vol?version=1", 503, { Spec: {} });
  await call("DELETE", "/volumes/vol", 204);
  await call("POST", "/volumes/prune", 200);
});

test("the system", async () => {
  await call("GET", "/_ping", 200);
  await call("HEAD", "/_ping", 200);
  await call("GET", "/info", 200);
  await call("GET", "/version", 200);
  await call("GET", "/system/df", 200);
  await call("GET", `/events?since=0&until=${Math.floor(Date.now() / 1000)}`, 200);
});

test("no operation was left out", () => {
  const outside = /^[A-Z]+ \/(swarm|services|tasks|nodes|secrets|configs|plugins|session)/;
  const wanted = api.operations.filter((operation) => !outside.test(operation));
  const rows = wanted.map((operation) => `${api.called.has(operation) ? "called" : "MISSING"}  ${operation}`);
  console.log(rows.join("\n"));
  expect(wanted.length).toBeGreaterThan(60);
  expect(wanted.filter((operation) => !api.called.has(operation))).toEqual([]);
});

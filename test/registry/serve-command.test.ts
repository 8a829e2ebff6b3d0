import { copyFile, readFile, writeFile } from "node:fs/promises";
import { generateKeyPairSync } from "node:crypto";
import { connect } from "node:tls";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { chunks, collect, randomBlob, repositoryAt } from "./blobs.ts";
import { makeAuthority, makeCertificate, readPem } from "./certificates.ts";
import { program, ServeCommand } from "./serve-command.ts";
import { freePort } from "../free-port.ts";

const htpasswd = async (password: string) =>
  (await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 })).replace("$2b$", "$2y$");

test("registry serve --config: users, access log, health and metrics", async () => {
  await using server = await ServeCommand.open(async (directory) => {
    const passwd = ["registry", "passwd", "--password-stdin", join(directory, "users"), "ann"];
    const made = Bun.spawnSync([process.execPath, program, ...passwd], { stdin: Buffer.from("secret\n") });
    expect([made.exitCode, made.stderr.toString()]).toEqual([0, ""]);
    const config = `
listen: 127.0.0.1:0
storage: { filesystem: { root: data } }
auth: { htpasswd: users, anonymousPull: true }
cors: ["https://ui.example.org"]
trustedProxies: [127.0.0.0/8]
`;
    await writeFile(join(directory, "registry.yaml"), config);
    return ["--config", join(directory, "registry.yaml")];
  });
  const { bytes, descriptor } = randomBlob(1000);
  const credentials = () => ({ username: "ann", password: "secret" });
  await repositoryAt(server.host, "team/app", { credentials }).push(descriptor, chunks(bytes));
  expect((await collect(await repositoryAt(server.host, "team/app").fetch(descriptor))).length).toBe(1000);
  expect(await (await fetch(`${server.url}/healthz`)).text()).toBe("ok\n");
  const headers = { origin: "https://ui.example.org", "x-forwarded-for": "203.0.113.7" };
  const list = await fetch(`${server.url}/v2/team/app/tags/list`, { method: "HEAD", headers });
  expect([list.status, list.headers.get("access-control-allow-origin")]).toEqual([404, headers.origin]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('slipway_registry_requests_total{route="blobs",method="GET",code="200"} 1\n');
  expect(metrics).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
  server.process.kill("SIGTERM");
  expect(await server.process.exited).toBe(0);
  const lines = (await server.output())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.find((line) => line.path.endsWith("/tags/list"))).toMatchObject({ address: "203.0.113.7" });
  expect(lines.find((line) => line.method === "PUT")).toMatchObject({
    path: expect.stringMatching(/^\/v2\/team\/app\/blobs\/uploads\/[0-9a-f-]{36}$/),
    status: 201,
    account: "ann",
    address: "127.0.0.1",
    received: 1000,
  });
});

test("registry serve refuses a wrong configuration before it listens, naming file and key", async () => {
  const started = ServeCommand.open(async (directory) => {
    await writeFile(join(directory, "c.json"), `{"listen": "127.0.0.1:0", "tls": {"certificate": "x"}}`);
    return ["--config", join(directory, "c.json")];
  });
  await expect(started).rejects.toThrow(
    /c\.json: Invalid registry configuration: tls\.certificate is no setting/,
  );
  const noUsers = ServeCommand.open(async (directory) => ["--root", directory, "--htpasswd", "/nonexistent"]);
  await expect(noUsers).rejects.toThrow('Cannot use the htpasswd file "/nonexistent"');
});

test("registry serve finishes an upload that runs when it is told to stop", async () => {
  await using server = await ServeCommand.open(async (directory) => [
    "--listen",
    "127.0.0.1:0",
    "--root",
    join(directory, "data"),
  ]);
  const { bytes, descriptor } = randomBlob(4_000_000);
  async function* slowly() {
    let sent = 0;
    for await (const chunk of chunks(bytes)) {
      yield chunk;
      sent += 1;
      if (sent === 4) server.process.kill("SIGTERM");
      if (sent >= 4) await Bun.sleep(40);
    }
  }
  await repositoryAt(server.host, "a", { retry: { attempts: 1 } }).push(descriptor, slowly());
  expect(await server.process.exited).toBe(0);
  const stored = join(
    server.directory,
    "data/blobs/sha256",
    descriptor.digest.slice(7, 9),
    descriptor.digest.slice(7),
  );
  expect((await readFile(stored)).equals(bytes)).toBe(true);
}, 20_000);

test("registry serve --tls-cert takes a changed certificate, and --tls-client-ca keeps strangers out", async () => {
  await using server = await ServeCommand.open(async (directory) => {
    const ca = await makeAuthority(directory, "ca");
    await makeAuthority(directory, "strangers");
    await makeCertificate(directory, "client", ca);
    const first = await makeCertificate(directory, "first", ca);
    await makeCertificate(directory, "second", ca);
    await copyFile(first.cert, join(directory, "now.pem"));
    await copyFile(first.key, join(directory, "now.key"));
    return [
      "--listen",
      "127.0.0.1:0",
      "--root",
      join(directory, "data"),
      "--tls-cert",
      join(directory, "now.pem"),
      "--tls-key",
      join(directory, "now.key"),
      "--tls-client-ca",
      ca.cert,
    ];
  });
  const at = (name: string) => join(server.directory, name);
  const ca = await readFile(at("ca.pem"), "utf8");
  const client = await readPem({ cert: at("client.pem"), key: at("client.key") });
  const get = async (tls: object) =>
    await fetch(`${server.url}/v2/`, { tls: { ca, ...tls }, keepalive: false });
  expect((await get(client)).status).toBe(200);
  await expect(get({})).rejects.toThrow();
  await expect(get(await readPem({ cert: at("strangers.pem"), key: at("strangers.key") }))).rejects.toThrow();
  expect(await subjectOf(server.url, { ca, ...client })).toBe("first");
  await copyFile(at("second.pem"), at("now.pem"));
  await copyFile(at("second.key"), at("now.key"));
  let subject = "first";
  for (let tries = 0; tries < 100 && subject === "first"; tries += 1) {
    await Bun.sleep(200);
    subject = await subjectOf(server.url, { ca, ...client });
  }
  expect(subject).toBe("second");
  expect((await get(client)).status).toBe(200);
}, 40_000);

async function subjectOf(url: string, tls: { ca: string; cert: string; key: string }): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), ...tls });
  socket.once("secureConnect", () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.end();
  });
  socket.once("error", reject);
  return await promise;
}

test("registry serve: token service with groups and rights, and a rate limit", async () => {
  await using server = await ServeCommand.open(async (directory) => {
    await writeFile(
      join(directory, "users"),
      `ann:${await htpasswd("secret")}\nbob:${await htpasswd("b")}\n`,
    );
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await writeFile(join(directory, "key"), privateKey.export({ type: "pkcs8", format: "pem" }));
    const port = await freePort();
    const config = `
listen: 127.0.0.1:${port}
storage: { filesystem: { root: data } }
auth:
  htpasswd: users
  tokenService: { realm: "http://127.0.0.1:${port}/token", privateKey: key }
  groups: { dev: [ann] }
  rights:
    - { repositories: "team/*", groups: [dev], actions: [pull, push] }
    - { repositories: "team/*", everyone: true, actions: [pull] }
rateLimit: { requestsPerSecond: 1, burst: 40 }
`;
    await writeFile(join(directory, "c.yaml"), config);
    return ["--config", join(directory, "c.yaml")];
  });
  const { bytes, descriptor } = randomBlob(1000);
  const as = (username: string, password: string) =>
    repositoryAt(server.host, "team/app", { credentials: () => ({ username, password }) });
  await as("ann", "secret").push(descriptor, chunks(bytes));
  await expect(as("bob", "b").push(randomBlob(10).descriptor, chunks(bytes))).rejects.toThrow(
    /401|denied|unauthorized/,
  );
  expect((await collect(await repositoryAt(server.host, "team/app").fetch(descriptor))).length).toBe(1000);
  let last = new Response();
  for (let count = 0; count < 50 && last.status !== 429; count += 1) last = await fetch(`${server.url}/v2/`);
  expect([last.status, last.headers.get("retry-after")]).toEqual([429, "1"]);
}, 20_000);

test("registry serve collects and scrubs by itself, and never serves what is corrupt", async () => {
  await using server = await ServeCommand.open(async (directory) => {
    const config = `
listen: 127.0.0.1:0
storage: { filesystem: { root: data } }
gc: { every: 1s, retention: [{ repositories: "**", untaggedAfter: 7d }] }
scrub: { every: 1s, rate: 100MB }
`;
    await writeFile(join(directory, "c.yaml"), config);
    return ["--config", join(directory, "c.yaml")];
  });
  const { bytes, descriptor } = randomBlob(1000);
  const repository = repositoryAt(server.host, "a");
  await repository.push(descriptor, chunks(bytes));
  const hex = descriptor.digest.slice(7);
  await writeFile(join(server.directory, "data/blobs/sha256", hex.slice(0, 2), hex), Buffer.alloc(1000));
  let metrics = "";
  for (let tries = 0; tries < 80; tries += 1) {
    metrics = await (await fetch(`${server.url}/metrics`)).text();
    if (metrics.includes("corrupt_total 1") && metrics.includes("collected_total")) break;
    await Bun.sleep(100);
  }
  expect(metrics).toContain("slipway_registry_corrupt_total 1\n");
  expect(metrics).toContain('slipway_registry_collected_total{what="blobs"} 0\n');
  expect(await repository.exists(descriptor)).toBe(false);
  await repository.push(descriptor, chunks(bytes));
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
}, 20_000);

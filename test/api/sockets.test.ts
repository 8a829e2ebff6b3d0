/** Where the engine listens, and how its own command line, Docker's and the library reach it there. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { dlopen } from "bun:ffi";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveEngine } from "../../src/api/serve-engine.ts";
import { connect } from "../../src/index.ts";
import { slipway, uninstall, newRoot } from "../engine/lab.ts";
import { memoryEngine } from "../fixtures/memory-engine/engine.ts";
import { makeAuthority, makeCertificate, readPem, type Certificate } from "../registry/certificates.ts";

let directory: string;
let authority: Certificate;
let own: Certificate;
let client: Certificate;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "slipway-sockets-"));
  authority = await makeAuthority(directory, "ca");
  own = await makeCertificate(directory, "server", authority);
  client = await makeCertificate(directory, "client", authority);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const text = (path: string) => readFileSync(path, "utf8");

/** An engine of memory alone behind TLS. */
async function serveTls() {
  const engine = memoryEngine();
  for await (const _line of engine.images.pull("busybox"));
  const tls = { ca: text(authority.cert), ...(await readPem(own)) };
  const address = { host: "127.0.0.1", port: 0, tls };
  return await serveEngine(engine, { address, version: "0.1.0" });
}

async function command(words: readonly string[], env: Record<string, string | undefined>) {
  const child = Bun.spawn([...words], {
    env: { PATH: process.env["PATH"], HOME: directory, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

test("TCP with TLS: calls and streams for clients with a certificate, nothing for others", async () => {
  await using server = await serveTls();
  const host = `tcp://127.0.0.1:${server.port}`;
  const tls = { ca: text(authority.cert), ...(await readPem(client)) };
  await using engine = await connect({ host, tls });
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["echo", "over TLS"] });
  await using streams = await engine.containers.attach(Id, { stdout: true, stderr: true, stream: true });
  await engine.containers.start(Id);
  let said = "";
  for await (const { stream, data } of streams.output)
    if (stream === "stdout") said += Buffer.from(data).toString();
  expect(said).toBe("over TLS\n");
  const refused = await connect({ host, tls: { ca: tls.ca } }).catch((error: Error) => error);
  expect(refused).toBeInstanceOf(Error);
  expect(await connect({ host }).catch(() => "nothing in the clear")).toBe("nothing in the clear");
  const stranger = await connect({ host, tls: { cert: tls.cert, key: tls.key } }).catch(
    (error: Error) => error,
  );
  expect(String(stranger)).toMatch(/certificate/i);
});

test("DOCKER_TLS_VERIFY and contexts lead the command line, and Docker's, to an engine behind TLS", async () => {
  await using server = await serveTls();
  const certificates = join(directory, "certificates");
  mkdirSync(certificates, { recursive: true });
  for (const [name, path] of [
    ["ca", authority.cert],
    ["cert", client.cert],
    ["key", client.key],
  ] as const)
    writeFileSync(join(certificates, `${name}.pem`), text(path));
  const host = `tcp://127.0.0.1:${server.port}`;
  const env = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: certificates };
  expect((await command([...slipway, "images", "-q", "--no-trunc"], env)).stdout).toStartWith("sha256:");
  const config = { DOCKER_CONFIG: join(directory, "config") };
  const files = ["ca", "cert", "key"].map((name) => `${name}=${certificates}/${name}.pem`).join(",");
  const made = await command(
    [...slipway, "context", "create", "far", "--docker", `host=${host},${files}`],
    config,
  );
  expect(made).toMatchObject({ code: 0, stdout: "far\n" });
  const listed = "images -q --no-trunc".split(" ");
  expect((await command([...slipway, "--context", "far", ...listed], config)).stdout).toStartWith("sha256:");
  // What Docker's client uses counts until there is a choice of our own.
  writeFileSync(join(directory, "config", "config.json"), JSON.stringify({ currentContext: "far" }));
  expect((await command([...slipway, "context", "show"], config)).stdout).toBe("far\n");
  expect((await command([...slipway, ...listed], config)).stdout).toStartWith("sha256:");
  expect((await command([...slipway, "context", "use", "default"], config)).code).toBe(0);
  expect((await command([...slipway, "context", "show"], config)).stdout).toBe("default\n");
  expect((await command([...slipway, "context", "use", "far"], config)).code).toBe(0);
  expect((await command([...slipway, ...listed], config)).stdout).toStartWith("sha256:");
  if (Bun.which("docker") !== null) {
    expect((await command(["docker", ...listed], env)).stdout).toStartWith("sha256:");
    expect((await command(["docker", "--context", "far", ...listed], config)).stdout).toStartWith("sha256:");
  }
  expect((await command([...slipway, "context", "rm", "far"], config)).stderr).toContain("is in use");
  expect((await command([...slipway, "context", "rm", "-f", "far"], config)).stdout).toBe("far\n");
  expect((await command([...slipway, "context", "ls", "-q"], config)).stdout).toBe("default\n");
});

test("ssh:// reaches an engine through slipway system dial-stdio, streams too", async () => {
  const path = join(directory, "far.sock");
  const engine = memoryEngine();
  for await (const _line of engine.images.pull("busybox"));
  await using _server = await serveEngine(engine, { address: { path }, version: "0.1.0" });
  // In place of ssh: what would run on the other machine runs here.
  const bin = join(directory, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, "ssh"),
    `#!/bin/sh\necho "$@" >>${directory}/ssh.log\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec "$@"\n`,
  );
  writeFileSync(
    join(bin, "slipway"),
    `#!/bin/sh\nexport SLIPWAY_SOCKET=${path}\nunset DOCKER_HOST\nexec ${slipway.join(" ")} "$@"\n`,
  );
  for (const name of ["ssh", "slipway"]) chmodSync(join(bin, name), 0o755);
  const env = { PATH: `${bin}:${process.env["PATH"]}`, DOCKER_HOST: "ssh://me@machine:2222" };
  expect((await command([...slipway, "images", "-q", "--no-trunc"], env)).stdout).toStartWith("sha256:");
  const ran = await command([...slipway, "run", "busybox", "echo", "over ssh"], env);
  expect(ran).toMatchObject({ code: 0, stdout: "over ssh\n" });
  expect(text(join(directory, "ssh.log"))).toContain("-l me -p 2222 -- machine slipway system dial-stdio");
  const context = join(directory, "context");
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nCOPY big /\n");
  writeFileSync(join(context, "big"), Buffer.alloc(3_000_000));
  const built = await command([...slipway, "build", "-q", "-t", "far", context], env);
  expect(built).toMatchObject({ code: 0 });
  expect(engine.seen.contextBytes).toBeGreaterThan(3_000_000);
  const named = await command([...slipway, "build", "--build-context", `x=${context}`, context], env);
  expect(named.stderr).toContain("--build-context with a directory needs an engine on this machine");
  const odd = await command([...slipway, "ps"], { ...env, DOCKER_HOST: "ssh://-oProxyCommand=x" });
  expect(odd.stderr).toContain("Invalid engine host");
});

/** A unix socket that listens, as systemd makes one for a service. */
function listeningSocket(path: string): number {
  const { symbols: c } = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
  });
  const address = Buffer.alloc(110);
  address.writeUInt16LE(1, 0);
  address.write(path, 2);
  const fd = c.socket(1, 1, 0);
  if (fd < 0 || c.bind(fd, address, 110) !== 0 || c.listen(fd, 100) !== 0) throw new Error("no socket");
  return fd;
}

test("slipway engine listens where it is told: a socket handed over, a unix socket with mode and group, TCP", async () => {
  const root = newRoot();
  const [given, other] = [join(directory, "given.sock"), join(directory, "other.sock")];
  const words = ["engine", "--root", root, "--listen", "fd://", "--listen", `unix://${other}`];
  const more = ["--group", "daemon", "--socket-mode", "640", "--listen", "tcp://127.0.0.1:0", "--insecure"];
  const script = `LISTEN_PID=$$ LISTEN_FDS=1 exec ${slipway.join(" ")} ${[...words, ...more].join(" ")}`;
  const fd = listeningSocket(given);
  const engine = Bun.spawn(["sh", "-c", script], { stdio: ["ignore", "ignore", "pipe", fd] });
  try {
    const said = await linesOf(engine.stderr, 3);
    const port = /tcp:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1] ?? "";
    for (const host of [`unix://${given}`, `unix://${other}`, `tcp://127.0.0.1:${port}`]) {
      await using one = await connect({ host });
      expect((await one.system.version()).ApiVersion).toBe("1.50");
    }
    const { mode, gid } = statSync(other);
    expect([mode & 0o777, gid]).toEqual([0o640, 1]);
  } finally {
    engine.kill();
    await engine.exited;
    await uninstall(root);
  }
});

async function linesOf(stream: ReadableStream<Uint8Array>, count: number): Promise<string> {
  let held = "";
  for await (const part of stream) {
    held += Buffer.from(part).toString();
    if (held.split("\n").length > count) break;
  }
  return held;
}

test("slipway engine refuses TCP without TLS, but on loopback when told to", async () => {
  const listen = async (...words: string[]) =>
    (await command([...slipway, "engine", "--root", join(directory, "none"), "--listen", ...words], {}))
      .stderr;
  expect(await listen("tcp://127.0.0.1:0")).toContain("who reaches it rules this machine");
  expect(await listen("tcp://0.0.0.0:0", "--insecure")).toContain(
    "--insecure is for loopback addresses alone",
  );
  expect(await listen("tcp://127.0.0.1:0", "--tlscert", own.cert)).toContain("belong together");
  expect(await listen("fd://")).toContain("no socket was handed over");
});

/**
 * `npm run tour`: the road of a beginner's guide to images, for real: build, run three times, push, remove, pull, run
 * again. Everything happens in a directory of the tour's own, and nothing of it is left behind.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { heading, say, shell, type Shell } from "./tour/terminal.ts";
import { standInContext } from "./tour/stand-in.ts";

const program = resolve("dist/slipway");
if (!existsSync(program)) spawnSync("node_modules/.bin/bun", ["scripts/build.ts"], { stdio: "inherit" });

const home = mkdtempSync(join(tmpdir(), "slipway-tour-"));
const app = join(home, "hello-node");
cpSync("examples/hello-node", app, { recursive: true });

const env = {
  ...process.env,
  SLIPWAY_ROOT: join(home, "root"),
  SLIPWAY_SOCKET: join(home, "slipway.sock"),
  DOCKER_CONFIG: home,
};
const { run } = shell(program, { env, cwd: app });
let registry: ChildProcess | undefined;

try {
  await tour(run);
  say("That was the whole road: build, run, push, pull. Nothing of it is left on this machine.");
} catch (error) {
  console.error(`\nThe tour ended early: ${error instanceof Error ? error.message : String(error)}`);
  const log = join(home, "root", "engine.log");
  if (existsSync(log)) console.error(readFileSync(log, "utf8"));
  process.exitCode = 1;
} finally {
  registry?.kill();
  spawnSync(program, ["system", "uninstall", "--force", "--data"], { env, stdio: "inherit" });
  rmSync(home, { recursive: true, force: true });
}

async function tour(run: Shell["run"]): Promise<void> {
  heading(1, "The base image");
  await baseImage(run);

  heading(2, "Build an image from a Dockerfile");
  console.log(`\n${readFileSync(join(app, "Dockerfile"), "utf8")}`);
  await run("build", "--host-ca", "-t", "my-app:1.0", ".");
  await run("images");

  heading(3, "One image, three containers");
  const ports = await freePorts(3);
  for (const port of ports) await run("run", "-d", "--name", `web-${port}`, "-p", `${port}:80`, "my-app:1.0");
  for (const port of ports) await visit(port);
  await run("ps");

  heading(4, "Change the code, build again: what the cache keeps");
  const server = join(app, "server.js");
  writeFileSync(server, readFileSync(server, "utf8").replace("Hello from", "Hello again from"));
  const rebuilt = await run("build", "--host-ca", "--progress", "plain", "-t", "my-app:1.1", ".");
  if (rebuilt === "" && !existsSync(server)) throw new Error("the build said nothing");
  await run("history", "my-app:1.1");

  heading(5, "Share it through a registry");
  const [port = 0] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  registry = await startRegistry(host);
  await run("tag", "my-app:1.1", `${host}/my-app:1.1`);
  await run("push", `${host}/my-app:1.1`);

  heading(6, "Remove it here, pull it back");
  for (const old of ports) await run("rm", "--force", `web-${old}`);
  await run("rmi", "my-app:1.0", "my-app:1.1", `${host}/my-app:1.1`);
  await run("images");
  await run("pull", `${host}/my-app:1.1`);

  heading(7, "Run what came back");
  const [last = 0] = await freePorts(1);
  await run("run", "-d", "--name", "again", "-p", `${last}:80`, `${host}/my-app:1.1`);
  const answer = await visit(last);
  if (!answer.includes("again")) throw new Error("the pulled image is not the one that was pushed");
  await run("logs", "again");
  await run("stop", "--timeout", "1", "again");
  await run("rm", "again");
  await run("ps", "--all");
  await run("system", "check");
}

/** From Docker Hub when it can be reached; otherwise a stand-in under its name, built here. */
async function baseImage(run: Shell["run"]): Promise<void> {
  const hub = await fetch("https://registry-1.docker.io/v2/", { signal: AbortSignal.timeout(4000) }).catch(
    () => undefined,
  );
  if (hub?.status === 401 || hub?.status === 200) {
    await run("pull", "node:20-alpine");
    return;
  }
  say(
    "Docker Hub does not answer from here. A stand-in for node:20-alpine is built instead, with Slipway itself:",
  );
  say("FROM scratch, this machine's own Node, its libraries, npm and busybox.");
  const context = join(home, "stand-in");
  mkdirSync(context);
  standInContext(context);
  await run("build", "-t", "node:20-alpine", context);
}

/** A real HTTP request to a published port; the server may need a moment to listen. */
async function visit(port: number): Promise<string> {
  const url = `http://127.0.0.1:${port}/`;
  for (let tries = 0; ; tries += 1) {
    try {
      const text = await (await fetch(url, { signal: AbortSignal.timeout(2000) })).text();
      process.stdout.write(`\nGET ${url}\n${text}`);
      return text;
    } catch (error) {
      if (tries === 100) throw new Error(`Nothing answers at ${url}`, { cause: error });
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

async function startRegistry(host: string): Promise<ChildProcess> {
  console.log(`\n$ slipway registry serve --listen ${host} &`);
  const args = ["registry", "serve", "--listen", host, "--root", join(home, "registry")];
  const child = spawn(program, args, { env, stdio: "ignore" });
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await fetch(`http://${host}/v2/`).then(
        () => true,
        () => false,
      )
    )
      return child;
    await new Promise((done) => setTimeout(done, 50));
  }
  child.kill();
  throw new Error(`the registry does not answer at ${host}`);
}

/** Ports nobody listens on: the familiar ones first. */
async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let port = 8080; found.length < count; port += 1) if (await isFree(port)) found.push(port);
  return found;
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolveFree) => {
    const server = createServer().once("error", () => resolveFree(false));
    server.listen(port, () => server.close(() => resolveFree(true)));
  });
}

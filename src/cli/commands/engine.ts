import { keepMemorySmall } from "../../platform/small-memory.ts";
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ListenAddress } from "../../api/http/listen.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { CleanupStack } from "../../internal/cleanup-stack.ts";
import { listenAddresses } from "../engine/listen-addresses.ts";
import { engineConfig } from "../engine-config.ts";
import { bool, list, optional, parsed, string } from "../flags/flag.ts";
import { parseDiskAmount } from "../../engine/gc/disk-budget.ts";
import { defaultRoot, defaultSocket } from "../paths.ts";
import type { EngineConfig } from "../../engine/config.ts";
import { leaveNamespaces } from "../rootless/leave.ts";
import { enterNamespaces } from "../rootless/enter.ts";
import { errorMessage } from "../../errors.ts";

const gcMaxUsed = "Most that build cache may take, as 20GB or 15% of the disk (default 20%, at most 50GB)";
const gcMinFree = "Disk to keep free by giving up build cache (default 10%, at most 20GB)";

/** For the library: who started the engine holds its standard input. */
const ownedFlag = {
  ...optional("End when standard input ends; with a directory, remove it and all that runs"),
  hidden: true,
};

export default command({
  usage: "engine [OPTIONS]",
  summary: "Run the engine in the foreground",
  flags: {
    root: optional("Directory of images, containers and volumes"),
    socket: optional("Unix socket of the API"),
    listen: list("Where to serve the API instead: unix:///path, tcp://host:port, fd:// (systemd)"),
    group: optional("Group of the unix socket"),
    "socket-mode": optional("Mode of the unix socket (default 660)"),
    tlscacert: optional("Authority that signed the clients' certificates (TCP)"),
    tlscert: optional("The engine's certificate (TCP)"),
    tlskey: optional("The engine's key (TCP)"),
    owned: ownedFlag,
    insecure: bool("Serve TCP on a loopback address without TLS"),
    runtime: string("OCI runtime to use (crun, runc or a path)"),
    "registry-mirror": list("Mirror of Docker Hub, tried before it (URL)"),
    "insecure-registry": list("Registry that may speak plain HTTP or have an unknown certificate"),
    "host-ca": bool("Give every container and build the host's CA certificates"),
    "host-ca-file": optional("The host's CA bundle"),
    "publish-address": optional("Address of the host for published ports that name none (default: all)"),
    "log-driver": string("Logging driver of containers that name none"),
    "log-opt": list("Options of the logging driver, for containers that name none"),
    bridge: optional("Link of the default network"),
    gc: bool("Give up build cache by itself to stay within the disk budget", { initial: true }),
    "layer-blobs": string("Compressed blobs of unpacked layers: keep or drop (default keep)"),
    "gc-max-used": parsed("size", gcMaxUsed, parseDiskAmount),
    "gc-min-free": parsed("size", gcMinFree, parseDiskAmount),
  },
  args: arity.none,
  async run({ flags }, context) {
    const root = flags.root ?? context.global.root ?? defaultRoot(context.env);
    await enterNamespaces(root, context.env).catch((error: unknown) => {
      throw new ExitError(1, errorMessage(error), { cause: error });
    });
    const socket = flags.socket ?? context.env["SLIPWAY_SOCKET"] ?? defaultSocket(root, context.env);
    const { takeProxyEnvironment } = await import("../../registry/client/proxy-environment.ts");
    // Taken out of the environment: the runtime's own fetch would send even loopback requests to a proxy it finds there.
    const proxy = takeProxyEnvironment(process.env);
    const warn = (text: string) => void context.stderr.write(`${text}\n`);
    const { trace } = context;
    const config = engineConfig({ ...flags, proxy, root, env: context.env, warn, trace });
    const addresses = listenAddresses(flags, socket, context.env);
    for (const address of addresses)
      if ("path" in address) await mkdir(dirname(address.path), { recursive: true, mode: 0o711 });
    const { isIdle, isOrphaned } = await serve(config, addresses, {
      stderr: context.stderr,
      trace,
      // Looking at it opens it.
      stdin: () => context.stdin,
      owned: flags.owned,
    });
    if (isOrphaned && flags.owned)
      for (const path of [config.runDirectory, flags.owned]) await rm(path, { recursive: true, force: true });
    if (isIdle) leaveNamespaces(config.runDirectory, context.env);
    endSoon();
    return 0;
  },
});

interface ServeContext extends Pick<CliContext, "stderr" | "trace"> {
  stdin(): NodeJS.ReadStream;
  /** As the flag of that name has it. */
  readonly owned: string | undefined;
}

/** Until a signal ends it, or its owner's end. Tells which, and whether no container runs then. */
async function serve(
  config: EngineConfig,
  addresses: readonly ListenAddress[],
  { stderr, stdin, trace, owned }: ServeContext,
): Promise<{ isIdle: boolean; isOrphaned: boolean }> {
  const [{ openEngine }, { serveEngine }, { serveSockets }] = await Promise.all([
    import("../../engine/local-engine.ts"),
    import("../../api/serve-engine.ts"),
    import("../../api/access/serve-sockets.ts"),
  ]);
  await using engine = await openEngine(config).catch((error: unknown) => {
    throw new ExitError(1, errorMessage(error), { cause: error });
  });
  await using servers = new CleanupStack();
  const scopeOf = (token: string) => engine.access.scopeOf(token);
  const served = { version: config.version, trace, scopeOf };
  const scoped = await serveSockets(engine, engine.access, served, config.warn);
  servers.push(() => scoped[Symbol.asyncDispose]());
  for (const address of addresses) {
    const server = await serveEngine(engine, { address, ...served });
    servers.push(() => server[Symbol.asyncDispose]());
    const where = formatListen(address, server.port);
    stderr.write(`slipway engine ${config.version} on ${where}, root ${config.root}\n`);
  }
  using _memory = keepMemorySmall();
  const orphaned = owned === undefined ? [] : [inputEnded(stdin())];
  const isOrphaned = (await Promise.race([ended(), ...orphaned])) === "orphaned";
  // Nobody is left to do so: what the engine put into the system goes.
  if (isOrphaned && owned) await engine.uninstall();
  return { isIdle: (await engine.containers.list()).length === 0, isOrphaned };
}

function formatListen(address: ListenAddress, port: number): string {
  if ("path" in address) return address.path;
  return "fd" in address ? `descriptor ${address.fd}` : `tcp://${address.host}:${port}`;
}

/** All is closed. Whatever still waits, as for the end of a process that was executed in a container, has no say. */
function endSoon(): void {
  setTimeout(() => process.exit(), 500).unref();
}

async function inputEnded(input: NodeJS.ReadStream): Promise<"orphaned"> {
  await new Promise<void>((resolve) => {
    input.once("end", resolve);
    input.once("close", () => resolve());
    input.once("error", () => resolve());
    input.resume();
  });
  return "orphaned";
}

/** SIGTERM and SIGINT end the engine; containers go on. */
async function ended(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}

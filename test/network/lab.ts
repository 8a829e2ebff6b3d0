import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CleanupStack } from "../../src/internal/cleanup-stack.ts";
import { BridgeDriver } from "../../src/network/bridge-driver.ts";
import { commandOutput } from "../../src/internal/run-command.ts";
import type { Endpoint, EndpointConfig, Network, NetworkConfig } from "../../src/network/driver.ts";
import { NetnsDirectory } from "../../src/network/netns.ts";

/**
 * A driver with a table, bridges, subnets and namespaces of its own, told apart from other runs by the process ID.
 * Dispose removes all of it.
 */
export class Lab implements AsyncDisposable {
  readonly driver: BridgeDriver;
  readonly namespaces: NetnsDirectory;
  readonly table: string;
  readonly #cleanup: CleanupStack;
  #count = 0;

  private constructor(directory: string, table: string, cleanup: CleanupStack) {
    this.#cleanup = cleanup;
    this.table = table;
    this.namespaces = new NetnsDirectory(join(directory, "netns"));
    this.driver = new BridgeDriver({ table, dnsDirectory: join(directory, "dns") });
    cleanup.push(() => this.driver.uninstall());
  }

  static async open(): Promise<Lab> {
    const cleanup = new CleanupStack();
    const directory = await mkdtemp(join(tmpdir(), "slipway-net-"));
    cleanup.push(() => rm(directory, { recursive: true, force: true }));
    const table = `swt_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
    const lab = new Lab(directory, table, cleanup);
    await lab.driver.restore([], []);
    return lab;
  }

  push(undo: () => unknown): void {
    this.#cleanup.push(undo);
  }

  async network(name: string, config: Partial<NetworkConfig> = {}): Promise<Network> {
    const index = (this.#count += 1);
    const subnets = [{ subnet: `10.${100 + (process.pid % 100)}.${index}.0/24` }];
    const network = await this.driver.create({ subnets, ...config, name });
    this.#cleanup.push(() => this.driver.delete(network));
    return network;
  }

  async netns(id: string): Promise<string> {
    this.#cleanup.push(() => this.namespaces.delete(id));
    return await this.namespaces.create(id);
  }

  /** A namespace on the network with an echo server on port 80. */
  async server(network: Network, name: string, config: Partial<EndpointConfig> = {}): Promise<Endpoint> {
    const endpoint = await this.client(network, name, config);
    await this.peerServer(name);
    return endpoint;
  }

  /** An echo server in a namespace that exists; returns its port. */
  async peerServer(name: string): Promise<number> {
    const script = join(import.meta.dirname, "echo-server.ts");
    const child = inside(this.namespaces.path(name), [process.execPath, script, "80", name]);
    this.#cleanup.push(() => end(child));
    await once(child.stdout ?? child, "data");
    return 80;
  }

  /** A namespace on the network with nothing in it. */
  async client(network: Network, name: string, config: Partial<EndpointConfig> = {}): Promise<Endpoint> {
    const netns = await this.netns(name);
    const defaults = { containerId: name, containerName: name, ports: [] };
    const endpoint = await this.driver.attach(network, netns, { ...defaults, ...config });
    this.#cleanup.push(() => this.driver.detach(endpoint));
    return endpoint;
  }

  /** Another host: a namespace on a cable to this one. Returns the address of this host on that cable. */
  async otherHost(name: string): Promise<{ here: string; there: string }> {
    const netns = await this.netns(name);
    const index = (this.#count += 1);
    const prefix = `198.18.${process.pid % 250}.${index * 4}`.replace(/\d+$/, "");
    const [here, there] = [`${prefix}${index * 4 + 1}`, `${prefix}${index * 4 + 2}`];
    const link = `sw${process.pid % 1_000_000}x${index}`;
    await commandOutput(["ip", "-batch", "-"], {
      input: `link add ${link} type veth peer name eth0 netns ${netns}\naddr add ${here}/30 dev ${link}\nlink set ${link} up\n`,
    });
    this.#cleanup.push(() => commandOutput(["ip", "link", "delete", link]).catch(() => undefined));
    const commands = `addr add ${there}/30 dev eth0\nlink set eth0 up\nroute add default via ${here}\n`;
    await commandOutput(["nsenter", `--net=${netns}`, "ip", "-batch", "-"], { input: commands });
    return { here, there };
  }

  /** What an echo server answers a client in the namespace `from`; undefined when there is no answer. */
  async ask(from: string, protocol: "tcp" | "udp", host: string, port: number): Promise<string | undefined> {
    const script = join(import.meta.dirname, "ask.ts");
    const argv = [process.execPath, script, protocol, host, String(port)];
    const answer = commandOutput(["nsenter", `--net=${this.namespaces.path(from)}`, ...argv]);
    return await answer.then((text) => text.trim()).catch(() => undefined);
  }

  /** What `nslookup` says in the namespace `from`. The server reads its files a moment after they change. */
  async resolve(from: string, server: string, name: string): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const argv = ["busybox", "nslookup", "-type=a", name, server];
    const answer = commandOutput(["nsenter", `--net=${this.namespaces.path(from)}`, ...argv]);
    return await answer.catch(() => "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cleanup[Symbol.asyncDispose]();
  }
}

export function inside(netns: string, argv: readonly string[]): ChildProcess {
  return spawn("nsenter", [`--net=${netns}`, ...argv], { stdio: ["ignore", "pipe", "inherit"] });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

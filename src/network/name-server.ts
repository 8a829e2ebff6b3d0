import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";
import { KeyedMutex } from "../internal/keyed-mutex.ts";
import type { Home } from "./home.ts";
import type { Endpoint, Network } from "./driver.ts";

/** Where distributions put aardvark-dns, which is on no PATH. */
const places = ["/usr/lib/podman", "/usr/libexec/podman", "/usr/local/lib/podman", "/usr/bin", "/usr/sbin"];

/** The server writes it among the files it reads. */
const pidFile = "aardvark.pid";

/**
 * Names of containers on user-defined networks, answered by aardvark-dns at the gateway address of each network, port
 * 53. It is a process of its own: names resolve while no engine runs. It reads one file a network from
 * `<directory>/networks`, again at SIGHUP, and ends when the last file is gone.
 */
export class NameServer {
  readonly #directory: string;
  readonly #program: string;
  readonly #home: Home;
  readonly #lock = new KeyedMutex();

  private constructor(directory: string, program: string, home: Home) {
    this.#directory = directory;
    this.#program = program;
    this.#home = home;
  }

  /** Undefined when aardvark-dns is not installed: containers then ask the host's resolvers and know no names. */
  static find(directory: string, home: Home): NameServer | undefined {
    const program = places.map((place) => join(place, "aardvark-dns")).find((path) => existsSync(path));
    return program === undefined ? undefined : new NameServer(directory, program, home);
  }

  /** What the network's containers are called from now on. */
  async update(network: Network, endpoints: readonly Endpoint[]): Promise<void> {
    await this.#change(async (networks) => {
      // Made beside the directory: the server reads every file in it.
      const draft = join(this.#directory, `${network.id}.new`);
      await writeFile(draft, namesFile(network, endpoints));
      await rename(draft, join(networks, network.id));
    });
  }

  /** The network is gone. Idempotent. */
  async remove(network: Network): Promise<void> {
    await this.#change((networks) => rm(join(networks, network.id), { force: true }));
  }

  /** Ends the server; for an engine whose root goes away. Idempotent. */
  async stop(): Promise<void> {
    using _lock = await this.#lock.lock("");
    const pid = await this.#pid();
    if (pid !== undefined) process.kill(pid, "SIGTERM");
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #change(work: (networks: string) => Promise<void>): Promise<void> {
    using _lock = await this.#lock.lock("");
    const networks = join(this.#directory, "networks");
    await mkdir(networks, { recursive: true, mode: 0o755 });
    await work(networks);
    const pid = await this.#pid();
    if (pid !== undefined) process.kill(pid, "SIGHUP");
    else if ((await readdir(networks)).some((name) => name !== pidFile)) await this.#start(networks);
  }

  /** The server's process ID, when it lives. */
  async #pid(): Promise<number | undefined> {
    const networks = join(this.#directory, "networks");
    const pid = Number(await readFile(join(networks, pidFile), "utf8").catch(() => ""));
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    // A number that another process has by now must not be signalled.
    const argv = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return argv.includes(networks) ? pid : undefined;
  }

  /** It goes into the background once it listens. */
  async #start(networks: string): Promise<void> {
    const words = this.#home.command([this.#program, "--config", networks, "--port", "53", "run"]);
    const [program = "", ...args] = words;
    const child = spawn(program, args, { stdio: "ignore" });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    if (code !== 0) throw new SlipwayError("internal", `Cannot start "${this.#program}": exit code ${code}`);
  }
}

/** Names resolve on networks that users make, as in Docker; the default bridge has none. */
export function hasNames(network: Network): boolean {
  return network.driver === "bridge" && network.name !== "bridge";
}

/** First the addresses to listen on, then a line a container: ID, IPv4 address, IPv6 address, names, resolvers for other names. */
function namesFile(network: Network, endpoints: readonly Endpoint[]): string {
  const gateways = network.subnets.map(({ gateway }) => gateway).filter((gateway) => gateway !== "");
  const lines = endpoints.map(({ containerId, address, address6, names, dns }) => {
    const fields = [containerId, address, address6, (names ?? []).join(","), (dns ?? []).join(",")];
    return fields.join(" ").trimEnd();
  });
  return `${[gateways.join(","), ...lines].join("\n")}\n`;
}

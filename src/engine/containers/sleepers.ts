import type { Socket } from "node:net";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { PortMapping } from "../../network/driver.ts";
import { PortRegistry } from "../../network/port-registry.ts";
import { portMappings } from "./create/host-config.ts";
import { publishEvent, type ContainerHost } from "./host.ts";
import { isActive, type ContainerRecord } from "./record.ts";
import { startLocked } from "./start.ts";
import { stopLocked } from "./stop.ts";

/** How long a container may take until its port answers, in ms. */
const patience = 60_000;
const tryAgainMs = 15;
/** A container that ends before its port answers is not started more often for one connection. */
const mostStarts = 3;

/** What memory knows of a container whose ports are held. */
interface Watch {
  /** connections through its ports, also those that wait for it */
  open: number;
  idleTimer: NodeJS.Timeout | undefined;
}

/**
 * Containers that sleep until somebody connects (`--lazy`). Their ports are sockets of this process: the first
 * connection starts the container, all are passed on, and when none was open for the idle time it is stopped. A
 * connection is accepted at once and waits while the container starts or stops; it ends when it cannot be started.
 * Dispose frees the ports and leaves the containers alone.
 */
export class Sleepers implements AsyncDisposable {
  readonly #host: ContainerHost;
  readonly #ports = new PortRegistry();
  readonly #watched = new Map<string, Watch>();

  constructor(host: ContainerHost) {
    this.#host = host;
  }

  /** Holds the ports. Idempotent. Throws `conflict` when one is taken. The caller holds the container's lock. */
  async arm(record: ContainerRecord): Promise<void> {
    if (record.lazy === undefined || this.#watched.has(record.id)) return;
    const known = record.lazy.ports;
    const asked = known.length > 0 ? known : this.#asked(record);
    this.#watched.set(record.id, { open: 0, idleTimer: undefined });
    try {
      const ports = await this.#ports.reserve(record.id, asked, {
        address: "",
        address6: "",
        dial: (port) => this.#dial(record.id, port),
      });
      record.lazy = { ...record.lazy, armed: true, ports };
      this.#host.store.put(record);
    } catch (error) {
      this.#watched.delete(record.id);
      throw error;
    }
    publishEvent(this.#host, record, "sleep");
    this.#idle(record.id);
  }

  #asked(record: ContainerRecord): PortMapping[] {
    const { publishAddress } = this.#host;
    return portMappings(record.config, record.hostConfig).map((port) =>
      port.hostIP === "" ? { ...port, hostIP: publishAddress } : port,
    );
  }

  /** Frees the ports and forgets their numbers. Idempotent. The caller holds the container's lock. */
  async disarm(record: ContainerRecord): Promise<void> {
    clearTimeout(this.#watched.get(record.id)?.idleTimer);
    this.#watched.delete(record.id);
    await this.#ports.release(record.id);
    if (record.lazy?.armed !== true) return;
    record.lazy = { ...record.lazy, armed: false, ports: [] };
    if (this.#host.store.byId(record.id) !== undefined) this.#host.store.put(record);
  }

  /** After a start of the engine: holds again what the one before held. */
  async restore(): Promise<void> {
    const armed = this.#host.store.all().filter(({ lazy }) => lazy?.armed);
    const arm = (record: ContainerRecord) =>
      this.#host.locks
        .run(record.id, () => this.arm(record))
        .catch((error: unknown) => {
          this.#host.warn(`Cannot hold the ports of container ${record.id}: ${errorMessage(error)}`);
        });
    await Promise.all(armed.map(arm));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { idleTimer } of this.#watched.values()) clearTimeout(idleTimer);
    this.#watched.clear();
    await this.#ports.releaseAll();
  }

  /** A connection to the port of the container, which is started when it sleeps. */
  async #dial(id: string, port: number): Promise<Socket> {
    const watch = this.#watched.get(id);
    if (watch === undefined) throw new SlipwayError("unavailable", `Container ${id} is not there`);
    watch.open += 1;
    clearTimeout(watch.idleTimer);
    const closed = () => {
      watch.open -= 1;
      this.#idle(id);
    };
    try {
      const socket = await this.#connect(id, port);
      socket.once("close", closed);
      return socket;
    } catch (error) {
      closed();
      this.#host.warn(`Cannot pass a connection on to container ${id}: ${errorMessage(error)}`);
      throw error;
    }
  }

  /** Its port may answer only a while after the start. */
  async #connect(id: string, port: number): Promise<Socket> {
    let starts = 0;
    for (const deadline = Date.now() + patience; ;) {
      const woken = await this.#host.locks.run(id, () => this.#wake(id));
      if (woken.isStarted) starts += 1;
      try {
        return await this.#host.dial(woken.address, port);
      } catch (error) {
        if (Date.now() > deadline || starts === mostStarts) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
      if (!this.#watched.has(id)) throw new SlipwayError("unavailable", "it was stopped");
    }
  }

  /** Starts the container unless it runs; its address. Under its lock, so that a stop for idleness is over by then. */
  async #wake(id: string): Promise<{ address: string; isStarted: boolean }> {
    const record = this.#host.store.get(id);
    const isStarted = !isActive(record);
    if (isStarted) await startLocked(this.#host, record);
    const [endpoint] = Object.values(record.endpoints);
    return { address: endpoint?.address || endpoint?.address6 || "", isStarted };
  }

  #idle(id: string): void {
    const watch = this.#watched.get(id);
    const { lazy } = this.#host.store.byId(id) ?? {};
    if (watch === undefined || watch.open > 0 || lazy === undefined || lazy.idle === 0) return;
    clearTimeout(watch.idleTimer);
    watch.idleTimer = setTimeout(() => {
      this.#host.locks
        .run(id, () => this.#sleep(id, watch))
        .catch((error: unknown) => {
          this.#host.warn(`Cannot stop idle container ${id}: ${errorMessage(error)}`);
        });
    }, lazy.idle);
    watch.idleTimer.unref();
  }

  /** Somebody may have connected while the lock was waited for. */
  async #sleep(id: string, watch: Watch): Promise<void> {
    const record = this.#host.store.byId(id);
    if (record === undefined || watch.open > 0 || this.#watched.get(id) !== watch) return;
    if (record.state.status === "running") await stopLocked(this.#host, record, {});
    else this.#idle(id);
  }
}

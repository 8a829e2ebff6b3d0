import { SlipwayError, errorMessage } from "../errors.ts";
import type { PortMapping } from "./driver.ts";
import type { Dial, DialUdp, ProxyTarget, Reservation } from "./reservation.ts";
import { listenTcp } from "./tcp-proxy.ts";
import { listenUdp } from "./udp-proxy.ts";

interface Held {
  readonly port: PortMapping;
  /** Undefined: published, but another process took the socket while no engine ran. */
  readonly reservation: Reservation | undefined;
}

/** Addresses of the container that ports lead to; `address6` may be empty. */
export interface PortTarget {
  readonly address: string;
  readonly address6: string;
  /** Instead of the addresses. */
  readonly dial?: Dial;
  readonly dialUdp?: DialUdp;
}

/**
 * The host ports this engine holds, by endpoint. Each is a bound socket, so other processes find it taken. What the
 * nftables rules do not catch (`[::1]`, IPv6 clients of a container without IPv6) arrives at the socket and is passed
 * on to the container from here.
 */
export class PortRegistry {
  readonly #held = new Map<string, Held[]>();

  /** Holds all of `ports` or none, and returns them with every `hostPort` chosen. Throws `conflict` when one is taken. */
  async reserve(
    endpointId: string,
    ports: readonly PortMapping[],
    target: PortTarget,
  ): Promise<PortMapping[]> {
    const held: Held[] = [];
    this.#held.set(endpointId, held);
    try {
      for (const port of ports) held.push(await this.#hold(port, target));
    } catch (error) {
      await this.release(endpointId);
      throw error;
    }
    return held.map(({ port }) => port);
  }

  /** After a start: takes the sockets of recorded ports again. One that another process holds by now stays published. */
  async restore(endpointId: string, ports: readonly PortMapping[], target: PortTarget): Promise<void> {
    if (this.#held.has(endpointId)) return;
    const hold = async (port: PortMapping): Promise<Held> => ({
      port,
      reservation: await bind(port, port.hostPort, target).catch(() => undefined),
    });
    this.#held.set(endpointId, await Promise.all(ports.map(hold)));
  }

  /** Frees the ports of an endpoint. Idempotent. */
  async release(endpointId: string): Promise<void> {
    const held = this.#held.get(endpointId) ?? [];
    this.#held.delete(endpointId);
    await Promise.all(held.map(({ reservation }) => reservation?.close()));
  }

  async releaseAll(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((id) => this.release(id)));
  }

  /** The first free port of the mapping's range; for port 0 whichever the system gives. */
  async #hold(port: PortMapping, target: PortTarget): Promise<Held> {
    const { hostPortEnd, ...single } = port;
    const last = hostPortEnd ?? port.hostPort;
    for (let candidate = port.hostPort; candidate <= last; candidate += 1) {
      try {
        const reservation = await this.#bindFree(port, candidate, target);
        return { port: { ...single, hostPort: reservation.port }, reservation };
      } catch (error) {
        if (!isTaken(error) || candidate < last) throwUnlessTaken(port, candidate, error);
        else throw taken(port, error);
      }
    }
    throw new SlipwayError("invalid_argument", `Invalid port range ${port.hostPort}-${last}`);
  }

  async #bindFree(port: PortMapping, hostPort: number, target: PortTarget): Promise<Reservation> {
    const reservation = await bind(port, hostPort, target);
    if (!this.#isPublished(port, reservation.port)) return reservation;
    await reservation.close();
    if (hostPort === 0) return await this.#bindFree(port, 0, target);
    throw Object.assign(new Error(`port ${hostPort} is published`), { code: "EADDRINUSE" });
  }

  /** A port whose socket this engine could not take back is still published by the rules. */
  #isPublished(port: PortMapping, hostPort: number): boolean {
    const all = [...this.#held.values()].flat();
    return all.some(
      ({ port: other, reservation }) =>
        reservation === undefined && other.protocol === port.protocol && other.hostPort === hostPort,
    );
  }
}

async function bind(port: PortMapping, hostPort: number, target: PortTarget): Promise<Reservation> {
  if (target.dial !== undefined && target.dialUdp === undefined && port.protocol !== "tcp")
    throw new SlipwayError("not_implemented", "publishing UDP ports is not supported here");
  const listen = port.protocol === "tcp" ? listenTcp : listenUdp;
  const address = target.address || target.address6;
  const proxy: ProxyTarget = {
    address,
    port: port.containerPort,
    dial: target.dial,
    dialUdp: target.dialUdp,
  };
  try {
    return await listen(port.hostIP, hostPort, proxy);
  } catch (error) {
    const noIPv6 = port.hostIP === "" && ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(errno(error));
    if (!noIPv6) throw error;
    return await listen("0.0.0.0", hostPort, proxy);
  }
}

function errno(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

function isTaken(error: unknown): boolean {
  return errno(error) === "EADDRINUSE";
}

function throwUnlessTaken(port: PortMapping, hostPort: number, error: unknown): void {
  if (isTaken(error)) return;
  if (error instanceof SlipwayError) throw error;
  const where = `${hostText(port)}:${hostPort}/${port.protocol}`;
  if (errno(error) === "EADDRNOTAVAIL") {
    const message = `failed to bind port ${where}: cannot assign requested address`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
  const message = `failed to bind port ${where}: ${errorMessage(error)}`;
  throw new SlipwayError(errno(error) === "EACCES" ? "forbidden" : "internal", message, { cause: error });
}

function taken(port: PortMapping, cause: unknown): SlipwayError {
  const where = port.hostPort === 0 ? hostText(port) : `${hostText(port)}:${port.hostPort}`;
  return new SlipwayError("conflict", `Bind for ${where} failed: port is already allocated`, { cause });
}

function hostText(port: PortMapping): string {
  if (port.hostIP === "") return "0.0.0.0";
  return port.hostIP.includes(":") ? `[${port.hostIP}]` : port.hostIP;
}

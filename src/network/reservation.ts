import type { Socket } from "node:net";

/** Opens a connection to a port of the container, which may have to be started first. TCP alone. */
export type Dial = (port: number) => Promise<Socket>;

/** Opens a stream of framed datagrams (`datagram-frames.ts`) to a port of the container. */
export type DialUdp = Dial;

/** Where a reserved port leads: an address of the container and a port of it. */
export interface ProxyTarget {
  readonly address: string;
  readonly port: number;
  /** Instead of the address. */
  readonly dial?: Dial | undefined;
  readonly dialUdp?: DialUdp | undefined;
}

/** A port of the host that this process holds with a bound socket. */
export interface Reservation {
  /** The one asked for, or the free one that was chosen for 0. */
  readonly port: number;
  /** Ends its connections and frees the port. */
  close(): Promise<void>;
}

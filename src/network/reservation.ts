/** Where a reserved port leads: an address of the container and a port of it. */
export interface ProxyTarget {
  readonly address: string;
  readonly port: number;
}

/** A port of the host that this process holds with a bound socket. */
export interface Reservation {
  /** The one asked for, or the free one that was chosen for 0. */
  readonly port: number;
  /** Ends its connections and frees the port. */
  close(): Promise<void>;
}

import type { Credentials } from "./credentials.ts";

/** Proxies in the words of the usual environment variables; the caller reads those. */
export interface ProxyConfig {
  /** `HTTP_PROXY`: for plain HTTP. */
  readonly http?: string;
  /** `HTTPS_PROXY` */
  readonly https?: string;
  /** `NO_PROXY`: hosts, `.domains`, `host:port`, addresses and CIDR blocks, or `*`. */
  readonly noProxy?: string;
}

/** How registries are reached. Nothing in here is read from the environment. */
export interface RegistryConfig {
  /** What to log in with at `domain` (`docker.io`, `localhost:5000`); undefined: anonymous. Mirrors never see it. */
  credentials?(domain: string): Promise<Credentials | undefined> | Credentials | undefined;
  /** What to log in with at a mirror, by its host (`mirror:5000`). */
  mirrorCredentials?(host: string): Promise<Credentials | undefined> | Credentials | undefined;
  /** Base URLs to try, in order, before the registry itself: `{ "docker.io": ["http://mirror:5000"] }`. Reads only. */
  readonly mirrors?: Readonly<Record<string, readonly string[]>>;
  /**
   * Hosts (`reg.local:5000`, `reg.local`) and CIDR blocks whose certificate is not checked and that may speak plain
   * HTTP. Loopback always may.
   */
  readonly insecureRegistries?: readonly string[];
  readonly proxy?: ProxyConfig;
  /** Path of a PEM bundle to trust instead of the built-in authorities. */
  readonly caFile?: string;
  /** A connection on which nothing moves for this long is given up. Default 60,000 ms. */
  readonly stallMs?: number;
  /** How many ranges of a blob of 16 MiB and more are fetched at once. Default 4, and 1 on loopback. */
  readonly rangeConnections?: number;
  /** Retries of what may pass: 429, 502, 503, 504, broken connections. */
  readonly retry?: RetryConfig;
  /** Default `slipway`. */
  readonly userAgent?: string;
  /** Told of what a registry wants its users to know (distribution-spec, "Warnings"); the same may come again. */
  onWarning?(host: string, text: string): void;
}

export interface RetryConfig {
  /** How often to try in all. Default 5. */
  readonly attempts?: number;
  /** Wait before the second attempt; doubles each time. Default 500 ms. */
  readonly baseMs?: number;
  /** A `Retry-After` longer than this is not waited for. Default 60,000 ms. */
  readonly maxWaitMs?: number;
}

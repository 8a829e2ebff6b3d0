import type { ProxyRule } from "../proxy/upstream.ts";
import type { RateLimit } from "../rules/rate-limiter.ts";
import type { RepositoryRule } from "../rules/repository-rules.ts";
import type { Right } from "../rules/rights.ts";
import type { Webhook } from "../rules/webhooks.ts";
import type { S3DriverOptions } from "../s3/s3-driver.ts";
import type { RetentionRule } from "../upkeep/retention.ts";

/** Everything a registry server is told; what `parseServerConfig` makes of a file. Paths are absolute or relative to the process. */
export interface ServerConfig {
  /** `HOST:PORT`. */
  readonly listen?: string;
  readonly storage?: StorageConfig;
  readonly tls?: TlsFiles;
  readonly auth?: AuthConfig;
  /** One JSON line a request on standard output. Default true. */
  readonly accessLog?: boolean;
  /** Whether `/metrics` answers. Default true. */
  readonly metrics?: boolean;
  /** How long a shutdown waits for running requests. Default 5 minutes. */
  readonly shutdownMs?: number;
  /** Uploads nobody has added to for so long are dropped. Default a week. */
  readonly uploadMaxAgeMs?: number;
  readonly repositories?: readonly RepositoryRule[];
  /** Origins whose pages may use the registry from a browser: `https://ui.example.org`, or `*`. */
  readonly cors?: readonly string[];
  /** Addresses and networks of the proxies in front, whose `X-Forwarded-For` is believed. */
  readonly trustedProxies?: readonly string[];
  /** For each client address. */
  readonly rateLimit?: RateLimit;
  readonly webhooks?: readonly Webhook[];
  readonly proxy?: ProxyConfig;
  readonly gc?: CollectorConfig;
  readonly scrub?: ScrubConfig;
}

export interface ProxyConfig {
  readonly upstreams: readonly UpstreamConfig[];
  /** For so long a tag is not asked for again. Default a minute. */
  readonly tagMs?: number;
}

export interface UpstreamConfig extends ProxyRule {
  readonly username?: string;
  readonly passwordFile?: string;
  /** May speak plain HTTP or have an unknown certificate. */
  readonly insecure?: boolean;
}

export interface CollectorConfig {
  /** How often the registry collects by itself; undefined: `registry gc` alone does. */
  readonly everyMs?: number;
  /** What was pushed within this time is never taken. At least 10 minutes. Default an hour. */
  readonly graceMs?: number;
  readonly retention?: readonly RetentionRule[];
}

export interface ScrubConfig {
  readonly everyMs: number;
  readonly bytesPerSecond?: number;
}

export type StorageConfig = { readonly filesystem: { readonly root: string } } | { readonly s3: S3Config };

export interface S3Config extends Omit<S3DriverOptions, "credentials"> {
  readonly accessKeyId: string;
  /** The secret, or the file that holds it. */
  readonly secretAccessKey?: string;
  readonly secretAccessKeyFile?: string;
}

/** PEM files; read again when they change. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Only clients with a certificate of this authority are let in. */
  readonly clientCa?: string;
}

export interface AuthConfig {
  /** bcrypt htpasswd file. */
  readonly htpasswd?: string;
  /** Without `rights`: whether everyone may pull without logging in. Default false. */
  readonly anonymousPull?: boolean;
  /** Who is in which group. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Without them, who is logged in may do everything. */
  readonly rights?: readonly Right[];
  /** Users log in at a token service of ours instead of with each request. */
  readonly tokenService?: TokenServiceConfig;
  /** Tokens of somebody else's service are taken; users and rights are its concern. */
  readonly issuer?: IssuerConfig;
}

export interface TokenServiceConfig {
  /** The URL of `/token` as clients reach it. */
  readonly realm: string;
  /** Default `slipway-registry`. */
  readonly service?: string;
  /** PEM of a P-256 key; the same for all registries that share a storage. */
  readonly privateKey: string;
}

export interface IssuerConfig {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** PEM of a public key or certificate: P-256 for ES256, RSA for RS256. */
  readonly publicKey: string;
}

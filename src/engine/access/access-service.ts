import type { CallOptions } from "../../oci/call-options.ts";

/** What a token or a socket may do. */
export interface Scope {
  /** Permissions (`permissions.ts`): `containers:read`, `logs`; `images` is both of its kinds, `*` is everything. */
  readonly allow: readonly string[];
  /** `key=value`: nothing without all of these is seen or touched, and what is created has them. */
  readonly labels: readonly string[];
}

export interface TokenInfo extends Scope {
  readonly id: string;
  readonly name: string;
  /** RFC 3339 */
  readonly created: string;
  /** RFC 3339; absent: never */
  readonly expires?: string;
}

export interface ScopedSocket extends Scope {
  /** Absolute path of the unix socket. */
  readonly path: string;
  readonly mode: number;
  /** Number of its group; absent: the engine's. */
  readonly group?: number;
}

export interface TokenRequest extends Scope {
  readonly name?: string;
  /** Seconds from now; absent: it stays good. */
  readonly lifetime?: number;
}

/**
 * Ways to an engine that reach only a part of it. A token's text is shown once, at its creation; the engine keeps its
 * hash. All throw `invalid_argument` for permissions or labels that do not exist, `not_found` for what is not there.
 */
export interface AccessService {
  createToken(request: TokenRequest, o?: CallOptions): Promise<TokenInfo & { readonly token: string }>;
  tokens(o?: CallOptions): Promise<TokenInfo[]>;
  /** By ID, the beginning of one, or name. */
  removeToken(id: string, o?: CallOptions): Promise<void>;
  /** Listens at once, and again whenever the engine starts. Throws `conflict` when somebody listens there. */
  addSocket(socket: ScopedSocket, o?: CallOptions): Promise<void>;
  sockets(o?: CallOptions): Promise<ScopedSocket[]>;
  removeSocket(path: string, o?: CallOptions): Promise<void>;
}

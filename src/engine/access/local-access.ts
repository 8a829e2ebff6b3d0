import { createHash, randomBytes } from "node:crypto";
import { SlipwayError } from "../../errors.ts";
import type { Collection } from "../../state/collection.ts";
import type { AccessService, Scope, ScopedSocket, TokenInfo, TokenRequest } from "./access-service.ts";
import { checkScope } from "./permissions.ts";

/** A token as it is kept: by, and with, its hash. */
export type TokenRecord = TokenInfo & { readonly hash: string };

type Records<T extends object> = Pick<Collection<T>, "get" | "put" | "delete" | "list">;

/** Listens at a socket. Dispose stops. */
export type OpenSocket = (socket: ScopedSocket) => Promise<AsyncDisposable>;

const prefix = "slw_";

/** The tokens and sockets of one engine. Tokens are kept by the hash of their text. */
export class LocalAccess implements AccessService {
  readonly #tokens: Records<TokenRecord>;
  readonly #sockets: Records<ScopedSocket>;
  readonly #listening = new Map<string, AsyncDisposable>();
  #open: OpenSocket | undefined;

  constructor(tokens: Records<TokenRecord>, sockets: Records<ScopedSocket>) {
    this.#tokens = tokens;
    this.#sockets = sockets;
  }

  /** What the token in an `Authorization` field allows. Throws `unauthorized` for unknown and expired ones. */
  scopeOf(token: string): Scope {
    const found = this.#tokens.get(hashOf(token));
    const isOver = found?.expires !== undefined && Date.parse(found.expires) <= Date.now();
    if (found === undefined || isOver)
      throw new SlipwayError("unauthorized", `The token is ${isOver ? "expired" : "unknown to this engine"}`);
    return found;
  }

  async createToken(request: TokenRequest): Promise<TokenInfo & { token: string }> {
    checkScope(request);
    const token = prefix + randomBytes(32).toString("base64url");
    const { allow, labels, name = "", lifetime } = request;
    const now = Date.now();
    const info: TokenInfo = {
      id: hashOf(token).slice(0, 12),
      name,
      allow,
      labels,
      created: new Date(now).toISOString(),
      ...(lifetime !== undefined && { expires: new Date(now + lifetime * 1000).toISOString() }),
    };
    const hash = hashOf(token);
    this.#tokens.put(hash, { ...info, hash });
    return { ...info, token };
  }

  async tokens(): Promise<TokenInfo[]> {
    return this.#records().map(({ hash: _hash, ...info }) => info);
  }

  async removeToken(id: string): Promise<void> {
    const isMeant = (one: TokenInfo) => id !== "" && (one.id.startsWith(id) || one.name === id);
    const [only, other] = this.#records().filter(isMeant);
    if (only === undefined) throw new SlipwayError("not_found", `No such token: ${id}`);
    if (other !== undefined) throw new SlipwayError("conflict", `Several tokens are called "${id}"`);
    this.#tokens.delete(only.hash);
  }

  async addSocket(socket: ScopedSocket): Promise<void> {
    checkScope(socket);
    if (!socket.path.startsWith("/"))
      throw new SlipwayError(
        "invalid_argument",
        `Invalid socket "${socket.path}": expected an absolute path`,
      );
    if (this.#sockets.get(socket.path) !== undefined)
      throw new SlipwayError("conflict", `There is a socket at "${socket.path}" already`);
    await this.#listen(socket);
    this.#sockets.put(socket.path, socket);
  }

  async sockets(): Promise<ScopedSocket[]> {
    return this.#sockets.list();
  }

  async removeSocket(path: string): Promise<void> {
    if (!this.#sockets.delete(path)) throw new SlipwayError("not_found", `No such socket: ${path}`);
    const listening = this.#listening.get(path);
    this.#listening.delete(path);
    // Not waited for: the call that asks may have come over this very socket.
    void listening?.[Symbol.asyncDispose]();
  }

  /** From now on sockets are listened at, first those that are recorded. One that fails is told to `warn`. */
  async serve(open: OpenSocket, warn: (message: string) => void): Promise<void> {
    this.#open = open;
    for (const socket of this.#sockets.list()) {
      await this.#listen(socket).catch((error: unknown) => warn(String(error)));
    }
  }

  /** Ends what {@link serve} began. Idempotent. */
  async stop(): Promise<void> {
    this.#open = undefined;
    const all = [...this.#listening.values()];
    this.#listening.clear();
    await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
  }

  async #listen(socket: ScopedSocket): Promise<void> {
    if (this.#open !== undefined) this.#listening.set(socket.path, await this.#open(socket));
  }

  #records(): TokenRecord[] {
    return this.#tokens.list().toSorted((a, b) => (a.created < b.created ? -1 : 1));
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

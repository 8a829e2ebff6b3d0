import type { KeyObject } from "node:crypto";
import { formatScope, type Access, type AccessController } from "./access.ts";
import { type Claims, verifyJwt } from "./jwt.ts";
import { RegistryError } from "./registry-error.ts";

export interface TokenAccessOptions {
  /** Where clients get tokens: `https://auth.docker.io/token`. */
  readonly realm: string;
  /** What tokens must be made out for: `registry.docker.io`. */
  readonly service: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
}

/** Demands a bearer token for everything, as Docker Hub does (distribution, "Token Authentication Specification"). */
export class TokenAccess implements AccessController {
  readonly #options: TokenAccessOptions;

  constructor(options: TokenAccessOptions) {
    this.#options = options;
  }

  async authorize(request: Request, access: readonly Access[]): Promise<string | undefined> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token === undefined) throw this.#challenge(access);
    const { issuer, service, publicKey } = this.#options;
    const now = Date.now() / 1000;
    const claims = verifyJwt(token, publicKey, { aud: service, iss: issuer, now });
    if (claims === undefined || claims.use === "refresh") throw this.#challenge(access, "invalid_token");
    if (!access.every((wanted) => grants(claims, wanted)))
      throw this.#challenge(access, "insufficient_scope");
    return typeof claims.sub === "string" && claims.sub !== "" ? claims.sub : undefined;
  }

  #challenge(access: readonly Access[], error?: string): RegistryError {
    const { realm, service } = this.#options;
    const scope = access.map(formatScope).join(" ");
    const parts = [`realm="${realm}"`, `service="${service}"`];
    if (scope !== "") parts.push(`scope="${scope}"`);
    if (error !== undefined) parts.push(`error="${error}"`);
    return new RegistryError("UNAUTHORIZED", {
      detail: access.length === 0 ? null : access,
      headers: { "www-authenticate": `Bearer ${parts.join(",")}` },
    });
  }
}

function grants(claims: Claims, wanted: Access): boolean {
  const entries = Array.isArray(claims.access) ? claims.access : [];
  return wanted.actions.every((action) =>
    entries.some(
      (entry) => entry.type === wanted.type && entry.name === wanted.name && entry.actions.includes(action),
    ),
  );
}

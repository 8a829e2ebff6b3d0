import { randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Who may use the page: a link with a token that opens one session, and the sessions opened so far, each a cookie.
 * All of it ends with the server.
 */
export class Sessions {
  readonly #cookie: string;
  readonly #sessions = new Set<string>();
  #tokens: string[] = [];

  /** `port` is part of the cookie's name, for browsers keep one jar for all ports of a host. */
  constructor(port: number) {
    this.#cookie = `slipway_ui_${port}`;
  }

  /** A token for one link. */
  newToken(): string {
    const token = randomBytes(32).toString("base64url");
    this.#tokens.push(token);
    return token;
  }

  /** Opens a session for a token, which is worth nothing afterwards: the value of `Set-Cookie`, or undefined. */
  redeem(token: string): string | undefined {
    const known = this.#tokens.find((issued) => isEqual(issued, token));
    if (known === undefined) return undefined;
    this.#tokens = this.#tokens.filter((issued) => issued !== known);
    const session = randomBytes(32).toString("base64url");
    this.#sessions.add(session);
    return `${this.#cookie}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  isOpen(request: Request): boolean {
    const given = cookies(request).get(this.#cookie) ?? "";
    let found = false;
    for (const session of this.#sessions) found = isEqual(session, given) || found;
    return found;
  }
}

/** The request's cookies by name; of several of one name, the first. */
export function cookies(request: Request): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [name = "", ...value] = part.trim().split("=");
    if (!found.has(name)) found.set(name, value.join("="));
  }
  return found;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

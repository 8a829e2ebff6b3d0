import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { verifyBcrypt } from "../../platform/password.ts";
import { parseHtpasswd } from "./htpasswd.ts";

/** Who may log in. */
export interface Accounts {
  /** Whether `username` has this password. Takes as long for an unknown user as for a known one. */
  verify(username: string, password: string): Promise<boolean>;
}

/** bcrypt of a password nobody has, at the default cost of htpasswd -B. */
const decoy = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/**
 * Accounts of an htpasswd file (`htpasswd -B`: bcrypt only, as distribution has it). The file is read again when it
 * has changed.
 */
export class HtpasswdAccounts implements Accounts {
  readonly #path: string;
  #entries: ReadonlyMap<string, string> = new Map();
  #stamp = "";
  /** What was verified, by user: bcrypt is slow by intent, and clients send the password with each request. */
  readonly #seen = new Map<string, { hash: string; mac: Buffer }>();
  readonly #key = randomBytes(32);

  constructor(path: string) {
    this.#path = path;
  }

  async verify(username: string, password: string): Promise<boolean> {
    await this.#refresh();
    const hash = this.#entries.get(username);
    const mac = createHmac("sha256", this.#key).update(password).digest();
    const seen = this.#seen.get(username);
    if (seen !== undefined && seen.hash === hash && timingSafeEqual(seen.mac, mac)) return true;
    const good = await verifyBcrypt(password, hash ?? decoy);
    if (hash === undefined || !good) return false;
    this.#seen.set(username, { hash, mac });
    return true;
  }

  /** Reads the file now, so that a wrong one is found before anybody asks. Throws `invalid_argument`. */
  async load(): Promise<void> {
    try {
      await this.#refresh();
    } catch (error) {
      const message = `Cannot use the htpasswd file "${this.#path}": ${errorMessage(error)}`;
      throw new SlipwayError("invalid_argument", message, { cause: error });
    }
  }

  async #refresh(): Promise<void> {
    const { mtimeMs, size, ino } = await stat(this.#path);
    const stamp = `${mtimeMs}:${size}:${ino}`;
    if (stamp === this.#stamp) return;
    this.#entries = parseHtpasswd(await readFile(this.#path, "utf8"));
    this.#stamp = stamp;
  }
}

/** Accounts known in advance: what tests and small set-ups use. */
export class FixedAccounts implements Accounts {
  readonly #passwords: ReadonlyMap<string, string>;

  constructor(passwords: Readonly<Record<string, string>>) {
    this.#passwords = new Map(Object.entries(passwords));
  }

  async verify(username: string, password: string): Promise<boolean> {
    const wanted = Buffer.from(this.#passwords.get(username) ?? "");
    const given = Buffer.from(password);
    const same = wanted.length === given.length && timingSafeEqual(wanted, given);
    return same && this.#passwords.has(username);
  }
}

/** User and password of an `Authorization: Basic` header; undefined when it is none (RFC 7617). */
export function parseBasic(header: string | null): { username: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]{1,8192})$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

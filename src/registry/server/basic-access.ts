import type { Access, AccessController } from "./access.ts";
import { type Accounts, parseBasic } from "./accounts.ts";
import type { Policy } from "./policy.ts";
import { RegistryError } from "./registry-error.ts";

export interface BasicAccessOptions {
  readonly accounts: Accounts;
  readonly policy: Policy;
  /** Shown to users by browsers. Default `Registry`. */
  readonly realm?: string;
  /** See {@link AccessController.sharesAll}. */
  readonly sharesAll?: boolean;
}

/** HTTP basic authentication (RFC 7617), for registries behind TLS. */
export class BasicAccess implements AccessController {
  readonly #options: BasicAccessOptions;
  readonly sharesAll: boolean;

  constructor(options: BasicAccessOptions) {
    this.#options = options;
    this.sharesAll = options.sharesAll ?? false;
  }

  async authorize(request: Request, access: readonly Access[]): Promise<string | undefined> {
    const account = await this.#account(request);
    const { policy } = this.#options;
    const allowed = access.every((one) => {
      const granted = policy(account, one);
      return one.actions.every((action) => granted.includes(action));
    });
    if (allowed && (account !== undefined || access.length > 0)) return account;
    throw account === undefined ? this.#challenge() : new RegistryError("DENIED", { detail: access });
  }

  /** Undefined without credentials; wrong ones are refused at once. */
  async #account(request: Request): Promise<string | undefined> {
    const given = parseBasic(request.headers.get("authorization"));
    if (given === undefined) return undefined;
    if (await this.#options.accounts.verify(given.username, given.password)) return given.username;
    throw this.#challenge();
  }

  #challenge(): RegistryError {
    const realm = (this.#options.realm ?? "Registry").replaceAll(/["\\\r\n]/g, "");
    return new RegistryError("UNAUTHORIZED", { headers: { "www-authenticate": `Basic realm="${realm}"` } });
  }
}

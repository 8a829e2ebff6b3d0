import type { AccessController } from "../access.ts";
import { HtpasswdAccounts } from "../accounts.ts";
import { BasicAccess } from "../basic-access.ts";
import type { AuthConfig } from "../config/server-config.ts";
import { accountsOnly } from "../policy.ts";

export interface OpenedAccess {
  /** Undefined: everyone may do everything. */
  readonly access: AccessController | undefined;
  readonly tokenIssuer: ((request: Request) => Promise<Response>) | undefined;
}

/** Who may do what, by the configuration. */
export async function openAccess(auth: AuthConfig): Promise<OpenedAccess> {
  if (auth.htpasswd === undefined) return { access: undefined, tokenIssuer: undefined };
  const accounts = new HtpasswdAccounts(auth.htpasswd);
  await accounts.load();
  const policy = accountsOnly({ anonymousPull: auth.anonymousPull ?? false });
  return { access: new BasicAccess({ accounts, policy }), tokenIssuer: undefined };
}

import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorMessage, SlipwayError } from "../../../errors.ts";
import type { AccessController } from "../access.ts";
import { HtpasswdAccounts } from "../accounts.ts";
import { BasicAccess } from "../basic-access.ts";
import type { AuthConfig, IssuerConfig, TokenServiceConfig } from "../config/server-config.ts";
import { accountsOnly, type Policy } from "../policy.ts";
import { rightsPolicy } from "../rules/rights.ts";
import { TokenAccess } from "../token-access.ts";
import { createTokenIssuer } from "../token-issuer.ts";

export interface OpenedAccess {
  /** Undefined: everyone may do everything. */
  readonly access: AccessController | undefined;
  readonly tokenIssuer: ((request: Request) => Promise<Response>) | undefined;
}

/** Who may do what, by the configuration. Throws `invalid_argument` for files that cannot be used. */
export async function openAccess(auth: AuthConfig): Promise<OpenedAccess> {
  if (auth.issuer !== undefined) return { access: await foreignTokens(auth.issuer), tokenIssuer: undefined };
  if (auth.htpasswd === undefined) return { access: undefined, tokenIssuer: undefined };
  const accounts = new HtpasswdAccounts(auth.htpasswd);
  await accounts.load();
  const { rights, groups = {}, anonymousPull = false } = auth;
  const policy = rights === undefined ? accountsOnly({ anonymousPull }) : rightsPolicy(rights, groups);
  if (auth.tokenService !== undefined) return await ownTokens(auth.tokenService, accounts, policy);
  const sharesAll = rights === undefined;
  return { access: new BasicAccess({ accounts, policy, sharesAll }), tokenIssuer: undefined };
}

async function ownTokens(
  config: TokenServiceConfig,
  accounts: HtpasswdAccounts,
  policy: Policy,
): Promise<OpenedAccess> {
  const privateKey = await readKey(config.privateKey, createPrivateKey);
  const publicKey = createPublicKey(privateKey);
  if (publicKey.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new SlipwayError(
      "invalid_argument",
      `Cannot use the key "${config.privateKey}": it is not of P-256`,
    );
  const service = config.service ?? "slipway-registry";
  const names = { issuer: service, service };
  return {
    access: new TokenAccess({ ...names, publicKey, realm: config.realm }),
    tokenIssuer: createTokenIssuer({ ...names, privateKey, accounts, policy }),
  };
}

async function foreignTokens(config: IssuerConfig): Promise<AccessController> {
  const publicKey = await readKey(config.publicKey, createPublicKey);
  return new TokenAccess({ ...config, publicKey });
}

async function readKey(path: string, parse: (pem: string) => KeyObject): Promise<KeyObject> {
  try {
    return parse(await readFile(path, "utf8"));
  } catch (error) {
    const message = `Cannot use the key "${path}": ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
}

import { createPublicKey, randomUUID, type KeyObject } from "node:crypto";
import { parseScope, type Access } from "./access.ts";
import { type Accounts, parseBasic } from "./accounts.ts";
import { type Claims, signJwt, verifyJwt } from "./jwt.ts";
import type { Policy } from "./policy.ts";
import { defaultStallMs, movingBody } from "./moving-body.ts";
import { errorResponse, RegistryError } from "./registry-error.ts";

const accessSeconds = 300;
const refreshSeconds = 90 * 86_400;
const mostScopes = 32;
const largestForm = 64 << 10;

export interface TokenIssuerOptions {
  readonly issuer: string;
  readonly service: string;
  /** P-256. */
  readonly privateKey: KeyObject;
  readonly accounts: Accounts;
  readonly policy: Policy;
}

/**
 * Issues registry tokens (distribution, "Token Authentication Specification" and "OAuth2"): GET with basic
 * authentication or none, POST with a password or a refresh token. A token grants what the policy allows of what was
 * asked, perhaps nothing; only a wrong password is refused.
 */
export function createTokenIssuer(options: TokenIssuerOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      if (request.method === "GET") return await answerGet(options, request);
      if (request.method === "POST") return await answerPost(options, request);
      throw new RegistryError("UNSUPPORTED", { headers: { allow: "GET, POST" } });
    } catch (error) {
      return errorResponse(
        error instanceof RegistryError ? error : new RegistryError("UNKNOWN", { cause: error }),
      );
    }
  };
}

async function answerGet(options: TokenIssuerOptions, request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const basic = parseBasic(request.headers.get("authorization"));
  if (basic === undefined && request.headers.has("authorization")) throw refused();
  if (basic !== undefined && !(await options.accounts.verify(basic.username, basic.password)))
    throw refused();
  checkService(options, searchParams.get("service"));
  const scopes = searchParams.getAll("scope").flatMap((scope) => scope.split(" "));
  const offline = searchParams.get("offline_token") === "true";
  return tokens(options, basic?.username, scopes, offline);
}

async function answerPost(options: TokenIssuerOptions, request: Request): Promise<Response> {
  const form = await readForm(request);
  checkService(options, form.get("service"));
  const account = await grantee(options, form);
  const scopes = (form.get("scope") ?? "").split(" ");
  return tokens(options, account, scopes, form.get("access_type") === "offline");
}

/** Whom an OAuth2 grant is for. */
async function grantee(options: TokenIssuerOptions, form: URLSearchParams): Promise<string> {
  if (form.get("grant_type") === "password") {
    const username = form.get("username") ?? "";
    if (await options.accounts.verify(username, form.get("password") ?? "")) return username;
    throw refused();
  }
  if (form.get("grant_type") !== "refresh_token")
    throw new RegistryError("UNSUPPORTED", { status: 400, message: "unsupported grant type" });
  const { issuer, service, privateKey } = options;
  const now = Date.now() / 1000;
  const key = createPublicKey(privateKey);
  const claims = verifyJwt(form.get("refresh_token") ?? "", key, { aud: service, iss: issuer, now });
  if (claims?.use !== "refresh") throw refused();
  return claims.sub;
}

function tokens(
  options: TokenIssuerOptions,
  account: string | undefined,
  scopes: readonly string[],
  offline: boolean,
): Response {
  const access = grantedAccess(options.policy, account, scopes);
  const token = issue(options, account, accessSeconds, { access });
  const refresh =
    offline && account !== undefined && issue(options, account, refreshSeconds, { use: "refresh" });
  const body = {
    token,
    access_token: token,
    expires_in: accessSeconds,
    issued_at: new Date().toISOString(),
    ...(refresh && { refresh_token: refresh }),
  };
  return Response.json(body, { headers: { "cache-control": "no-store" } });
}

function grantedAccess(policy: Policy, account: string | undefined, scopes: readonly string[]): Access[] {
  return scopes
    .slice(0, mostScopes)
    .map(parseScope)
    .filter((access) => access !== undefined)
    .map((access) => ({ ...access, actions: policy(account, access) }))
    .filter((access) => access.actions.length > 0);
}

function issue(
  options: TokenIssuerOptions,
  account: string | undefined,
  seconds: number,
  extra: Pick<Claims, "access" | "use">,
): string {
  const { issuer, service, privateKey } = options;
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, nbf: now, exp: now + seconds };
  return signJwt(
    { iss: issuer, sub: account ?? "", aud: service, jti: randomUUID(), ...times, ...extra },
    privateKey,
  );
}

async function readForm(request: Request): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of movingBody(request, defaultStallMs)) {
    size += chunk.length;
    if (size > largestForm)
      throw new RegistryError("UNSUPPORTED", { status: 413, message: "form too large" });
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

function checkService({ service }: TokenIssuerOptions, asked: string | null): void {
  if (asked !== null && asked !== service)
    throw new RegistryError("UNSUPPORTED", { status: 400, message: "unknown service" });
}

function refused(): RegistryError {
  return new RegistryError("UNAUTHORIZED", { message: "incorrect username or password" });
}

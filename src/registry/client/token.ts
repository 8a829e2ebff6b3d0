import { SlipwayError } from "../../errors.ts";
import type { Challenge } from "./challenge.ts";
import { basicHeader, type Credentials } from "./credentials.ts";
import { exchangeText, type HttpClient } from "./http-client.ts";
import { responseError } from "./response-error.ts";

const clientId = "slipway";
const largestAnswer = 1 << 20;

export interface TokenRequest {
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly credentials: Credentials | undefined;
  /** Asks for a refresh token as well, as a login does. */
  readonly offline?: boolean;
  /** Whether a token server at `host` may do without TLS, or with any certificate. */
  mayBeInsecure(host: string): boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Token {
  readonly token: string;
  readonly expiresInMs: number;
  readonly refreshToken: string | undefined;
}

/**
 * Gets a bearer token from the server a challenge names: GET with basic or no authentication, or OAuth2's refresh
 * grant for an identity token (distribution's token and oauth2 specifications). Throws `unauthorized` when the
 * server refuses, `invalid_argument` for a challenge that must not be followed.
 */
export async function fetchToken(client: HttpClient, request: TokenRequest): Promise<Token> {
  const url = realmUrl(request);
  const exchange = request.credentials?.identitytoken
    ? await postRefresh(client, url, request, request.credentials.identitytoken)
    : await getToken(client, url, request);
  const { response } = exchange;
  if (response.status !== 200) {
    using _open = exchange;
    throw await responseError(url.host, response);
  }
  return parseToken(url.host, await exchangeText(exchange, largestAnswer));
}

async function getToken(
  client: HttpClient,
  realm: URL,
  request: TokenRequest,
): ReturnType<HttpClient["exchange"]> {
  const url = new URL(realm);
  const service = request.challenge.parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of request.scopes) url.searchParams.append("scope", scope);
  const authorization = request.credentials && basicHeader(request.credentials);
  if (authorization !== undefined) url.searchParams.set("account", request.credentials?.username ?? "");
  if (request.offline === true) {
    url.searchParams.set("offline_token", "true");
    url.searchParams.set("client_id", clientId);
  }
  const headers = authorization === undefined ? {} : { authorization };
  return await client.exchange(url, {
    method: "GET",
    headers,
    insecure: request.mayBeInsecure(url.host),
    signal: request.signal,
  });
}

async function postRefresh(
  client: HttpClient,
  url: URL,
  request: TokenRequest,
  refreshToken: string,
): ReturnType<HttpClient["exchange"]> {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: clientId,
    service: request.challenge.parameters.get("service") ?? "",
    scope: request.scopes.join(" "),
    refresh_token: refreshToken,
  });
  return await client.exchange(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    insecure: request.mayBeInsecure(url.host),
    signal: request.signal,
  });
}

/** A realm is the registry's word: it must not make us send a password in the clear. */
function realmUrl({ challenge, mayBeInsecure }: TokenRequest): URL {
  const realm = challenge.parameters.get("realm") ?? "";
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  const allowed = url?.protocol === "https:" || (url?.protocol === "http:" && mayBeInsecure(url.host));
  if (url === undefined || !allowed || url.username !== "" || url.password !== "")
    throw new SlipwayError(
      "invalid_argument",
      `Refused the token realm ${JSON.stringify(realm.slice(0, 200))}`,
    );
  return url;
}

function parseToken(host: string, text: string): Token {
  let json: Record<string, unknown> = {};
  try {
    json = (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    // Told below.
  }
  const token = [json.token, json.access_token].find((value) => typeof value === "string" && value !== "");
  if (typeof token !== "string" || /[^\x21-\x7e]/.test(token))
    throw new SlipwayError("unavailable", `${host} answered without a usable token`);
  const seconds = typeof json.expires_in === "number" ? json.expires_in : 60;
  const refreshToken = typeof json.refresh_token === "string" ? json.refresh_token : undefined;
  return { token, expiresInMs: Math.max(60, seconds) * 1000, refreshToken };
}

import { SlipwayError, errorCode, errorMessage } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import { basicHeader, type Credentials } from "./credentials.ts";
import { upstreamEndpoint, type Endpoint } from "./endpoint.ts";
import { HttpClient, type Exchange } from "./http-client.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { responseError } from "./response-error.ts";
import { fetchToken } from "./token.ts";

/** What Docker's `/auth` answers. */
export interface CredentialsCheck {
  readonly status: string;
  /** To keep instead of the password, from registries that give one. */
  readonly identityToken: string | undefined;
}

/**
 * Asks the registry at `domain` whether `credentials` are good, as `docker login` does. Throws `unauthorized` when
 * they are not, `unavailable` when the registry cannot be asked.
 */
export async function checkCredentials(
  domain: string,
  credentials: Credentials,
  config: RegistryConfig = {},
  options: CallOptions = {},
): Promise<CredentialsCheck> {
  const client = new HttpClient(config);
  const endpoint = upstreamEndpoint(domain, config, client);
  const url = new URL("v2/", await endpoint.base(options.signal));
  try {
    return await login({ client, endpoint, url, credentials, signal: options.signal });
  } catch (error) {
    throw told(url, error);
  }
}

interface Login {
  readonly client: HttpClient;
  readonly endpoint: Endpoint;
  readonly url: URL;
  readonly credentials: Credentials;
  readonly signal: AbortSignal | undefined;
}

async function login(login: Login): Promise<CredentialsCheck> {
  using anonymous = await ping(login);
  if (anonymous.response.status !== 401) return await conclude(anonymous, undefined);
  const challenges = parseChallenges(anonymous.response.headers.get("www-authenticate"));
  const bearer = challenges.find((challenge) => challenge.scheme === "bearer");
  if (bearer !== undefined) return await bearerLogin(login, bearer);
  using answer = await ping(login, basicHeader(login.credentials));
  return await conclude(answer, undefined);
}

async function bearerLogin(login: Login, challenge: Challenge): Promise<CredentialsCheck> {
  const { client, endpoint, credentials, signal } = login;
  const { registrytoken } = credentials;
  const { mayBeInsecure } = endpoint;
  const got = registrytoken
    ? undefined
    : await fetchToken(client, { challenge, scopes: [], credentials, offline: true, mayBeInsecure, signal });
  using answer = await ping(login, `Bearer ${got?.token ?? registrytoken}`);
  return await conclude(answer, got?.refreshToken);
}

async function ping({ client, endpoint, url, signal }: Login, authorization?: string): Promise<Exchange> {
  const headers = authorization === undefined ? {} : { authorization };
  return await client.exchange(url, { method: "GET", headers, insecure: endpoint.insecure, signal });
}

async function conclude(
  { response, url }: Exchange,
  identityToken: string | undefined,
): Promise<CredentialsCheck> {
  if (response.status !== 200) throw await responseError(url.host, response);
  return { status: "Login Succeeded", identityToken };
}

/** Docker's wording: `Get "https://…/v2/": unauthorized: incorrect username or password`. */
function told(url: URL, error: unknown): unknown {
  const code = errorCode(error);
  if (code === "cancelled" || !(error instanceof SlipwayError)) return error;
  return new SlipwayError(code, `Get "${url.href}": ${errorMessage(error)}`, { cause: error });
}

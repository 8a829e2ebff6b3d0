/** What a registry knows us by, in the field names of Docker's `X-Registry-Auth`. Empty strings mean absent. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** A refresh token, exchanged for access tokens at the registry's token server. */
  readonly identitytoken?: string;
  /** A bearer token to send as it is. */
  readonly registrytoken?: string;
}

/** Whether there is anything to show to a registry. */
export function hasCredentials(credentials: Credentials | undefined): credentials is Credentials {
  if (credentials === undefined) return false;
  const { username, identitytoken, registrytoken } = credentials;
  return Boolean(username) || Boolean(identitytoken) || Boolean(registrytoken);
}

/** The `Authorization` header of HTTP basic authentication (RFC 7617); undefined without a user name. */
export function basicHeader({ username, password }: Credentials): string | undefined {
  if (!username) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

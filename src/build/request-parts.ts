import { SlipwayError } from "../errors.ts";
import type { BuildRequest } from "./builder.ts";
import { builderArgs } from "./builder-args.ts";
import type { GitAccess, GitCredentials } from "./git/git-remote.ts";
import { webAccess, type WebAccess } from "./web-access.ts";

/** Larger is no secret, as in BuildKit. */
const maxSecret = 500 << 10;

/** The secrets of a build by id. Throws `invalid_argument` for one that is too large. */
export function secretsOf({ secrets = {} }: Pick<BuildRequest, "secrets">): Map<string, Uint8Array> {
  const contents = Object.entries(secrets).map(([id, text]) => [id, Buffer.from(text, "base64")] as const);
  const large = contents.find(([, content]) => content.length > maxSecret);
  if (large !== undefined)
    throw new SlipwayError("invalid_argument", `secret ${large[0]} is larger than ${maxSecret} bytes`);
  return new Map(contents);
}

/** What the build was given for private repositories, under the names that BuildKit knows. */
function gitAccess(
  { secrets = {}, ssh = {} }: Pick<BuildRequest, "secrets" | "ssh">,
  knownHosts: string,
): GitAccess {
  const secret = (id: string): string | undefined =>
    secrets[id] === undefined ? undefined : Buffer.from(secrets[id], "base64").toString();
  const credentials = (suffix: string): GitCredentials => ({
    token: secret(`GIT_AUTH_TOKEN${suffix}`),
    header: secret(`GIT_AUTH_HEADER${suffix}`),
  });
  const forHost = (host: string): GitCredentials => credentials(`.${host}`);
  return { agent: ssh["default"], ...credentials(""), forHost, knownHosts };
}

/** How a build gets at repositories and addresses. */
export function reachOf(
  request: Pick<BuildRequest, "secrets" | "ssh" | "buildArgs">,
  host: Parameters<typeof webAccess>[1] & { readonly knownHosts: string },
): { readonly access: GitAccess; readonly web: WebAccess; readonly keepsGitDir: boolean } {
  const { buildArgs = {}, secrets = {} } = request;
  const secret = (id: string): string | undefined =>
    secrets[id] === undefined ? undefined : Buffer.from(secrets[id], "base64").toString().trim();
  return {
    access: gitAccess(request, host.knownHosts),
    web: { ...webAccess(buildArgs, host), authorization: (name) => webAuthorization(name, secret) },
    keepsGitDir: builderArgs(buildArgs).keepsGitDir,
  };
}

/** What servers of addresses are told who asks (Docker documentation, "Build secrets", "HTTP authentication for ADD"). */
function webAuthorization(host: string, secret: (id: string) => string | undefined): string | undefined {
  const token = secret(`HTTP_AUTH_TOKEN_${host}`);
  return secret(`HTTP_AUTH_HEADER_${host}`) ?? (token === undefined ? undefined : `Bearer ${token}`);
}

/** In lower case, as stages are known. */
export function stageNames({ noCacheFilter = [] }: Pick<BuildRequest, "noCacheFilter">): ReadonlySet<string> {
  return new Set(noCacheFilter.map((name) => name.toLowerCase()));
}

import { SlipwayError } from "../errors.ts";
import type { BuildRequest } from "./builder.ts";
import type { GitAccess } from "./git/git-remote.ts";

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
export function gitAccess(
  { secrets = {}, ssh = {} }: Pick<BuildRequest, "secrets" | "ssh">,
  knownHosts: string,
): GitAccess {
  const secret = (id: string): string | undefined =>
    secrets[id] === undefined ? undefined : Buffer.from(secrets[id], "base64").toString();
  const [token, header] = [secret("GIT_AUTH_TOKEN"), secret("GIT_AUTH_HEADER")];
  return { agent: ssh["default"], token, header, knownHosts };
}

/** In lower case, as stages are known. */
export function stageNames({ noCacheFilter = [] }: Pick<BuildRequest, "noCacheFilter">): ReadonlySet<string> {
  return new Set(noCacheFilter.map((name) => name.toLowerCase()));
}

import { mkdir, readFile, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { SlipwayError } from "../../errors.ts";
import { atomicWrite } from "../../internal/atomic-write.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { CredentialHelper } from "./credential-helper.ts";
import type { Credentials } from "./credentials.ts";

/** The key Docker keeps the credentials of Docker Hub under. */
const hubKey = "https://index.docker.io/v1/";

interface AuthEntry {
  readonly auth?: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, AuthEntry>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

/**
 * The login kept for `domain` (`docker.io`, `localhost:5000`) in Docker's `config.json` at `path`, or in the
 * credential helper it names. Undefined when there is none. Throws `invalid_argument` for an unreadable file.
 */
export async function resolveCredentials(
  path: string,
  domain: string,
  options?: CallOptions,
): Promise<Credentials | undefined> {
  const config = await readConfig(path);
  const key = serverKey(domain);
  const helper = helperFor(config, key);
  if (helper !== undefined) return await helper.get(key, options);
  const auths = config.auths ?? {};
  const found = auths[key] ?? Object.entries(auths).find(([name]) => bareHost(name) === bareHost(key))?.[1];
  return found && decodeEntry(found);
}

/** Keeps a login, as `docker login` does: in the helper the file names, or in the file itself (mode 0600). */
export async function storeCredentials(
  path: string,
  domain: string,
  credentials: Credentials,
  options?: CallOptions,
): Promise<void> {
  const config = await readConfig(path);
  const key = serverKey(domain);
  const helper = helperFor(config, key);
  if (helper !== undefined) await helper.store(key, credentials, options);
  const entry = helper === undefined ? encodeEntry(credentials) : {};
  await writeConfig(path, { ...config, auths: { ...config.auths, [key]: entry } });
}

/** Forgets a login. False when there was none. */
export async function eraseCredentials(
  path: string,
  domain: string,
  options?: CallOptions,
): Promise<boolean> {
  const config = await readConfig(path);
  const key = serverKey(domain);
  const helper = helperFor(config, key);
  await helper?.erase(key, options);
  const entries = Object.entries(config.auths ?? {});
  const kept = entries.filter(([name]) => bareHost(name) !== bareHost(key));
  if (kept.length === entries.length) return false;
  await writeConfig(path, { ...config, auths: Object.fromEntries(kept) });
  return true;
}

/** Every login the file itself holds, by its key in the file: what a build sends along. */
export async function listCredentials(
  path: string,
  options?: CallOptions,
): Promise<Record<string, Credentials>> {
  const { auths = {}, credHelpers = {} } = await readConfig(path);
  const found: Record<string, Credentials> = {};
  for (const key of new Set([...Object.keys(auths), ...Object.keys(credHelpers)])) {
    const credentials = await resolveCredentials(path, key === hubKey ? "docker.io" : key, options);
    if (credentials !== undefined) found[key] = credentials;
  }
  return found;
}

/** What Docker calls the registry in `config.json`. */
export function serverKey(domain: string): string {
  return ["docker.io", "index.docker.io", "registry-1.docker.io", hubKey].includes(domain) ? hubKey : domain;
}

function helperFor(config: DockerConfig, key: string): CredentialHelper | undefined {
  const name = config.credHelpers?.[key] ?? config.credHelpers?.[bareHost(key)] ?? config.credsStore;
  return name ? new CredentialHelper(name) : undefined;
}

async function readConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  if (text.trim() === "") return {};
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as DockerConfig;
  } catch {
    // Told below, without the text: it holds secrets.
  }
  throw new SlipwayError("invalid_argument", `Cannot read the credentials in "${path}": not a JSON object`);
}

/** A link to the file stays a link. */
async function writeConfig(path: string, config: DockerConfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  await atomicWrite(target, `${JSON.stringify(config, undefined, "\t")}\n`, 0o600);
}

function decodeEntry(entry: AuthEntry): Credentials | undefined {
  const { identitytoken, registrytoken } = entry;
  const [, user = "", secret = ""] =
    /^([^:]*):([\s\S]*)$/.exec(Buffer.from(entry.auth ?? "", "base64").toString()) ?? [];
  const username = entry.username || user;
  const password = entry.password || secret.replace(/\0+$/, "");
  if (!username && !identitytoken && !registrytoken) return undefined;
  return {
    ...(username && { username, password }),
    ...(identitytoken && { identitytoken }),
    ...(registrytoken && { registrytoken }),
  };
}

function encodeEntry({ username, password, identitytoken }: Credentials): AuthEntry {
  // With an identity token the password is not kept: Docker leaves it empty as well.
  const secret = identitytoken ? "" : (password ?? "");
  return {
    ...(username && { auth: Buffer.from(`${username}:${secret}`).toString("base64") }),
    ...(identitytoken && { identitytoken }),
  };
}

/** `https://host:5000/v1/` → `host:5000` */
function bareHost(key: string): string {
  return key.replace(/^https?:\/\//, "").split("/")[0] ?? key;
}

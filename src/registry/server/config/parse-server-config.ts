import { isAbsolute, join } from "node:path";
import { errorMessage, SlipwayError } from "../../../errors.ts";
import { JsonReader } from "../../../oci/json-shape.ts";
import { parseYaml } from "../../../platform/yaml.ts";
import { knownKeys, readDuration, readText, type ReadPath } from "./config-values.ts";
import { readProxy } from "./read-proxy.ts";
import { readAuth } from "./read-auth.ts";
import { readNetwork, readOrigin, readRateLimit, readRepositoryRule, readWebhook } from "./read-rules.ts";
import { readStorage } from "./read-storage.ts";
import { readCollector, readScrub } from "./read-upkeep.ts";
import type { ServerConfig, TlsFiles } from "./server-config.ts";

const largest = 1 << 20;

/**
 * Reads a registry's configuration, YAML or JSON. Relative paths in it are taken from `directory`. Throws
 * `invalid_argument` with the key that is wrong: `Invalid registry configuration: tls.cert must be a string`.
 */
export function parseServerConfig(text: string, directory: string): ServerConfig {
  const json = new JsonReader(parseText(text) ?? {}, "registry configuration");
  const path = (item: JsonReader): string => {
    const name = readText(item);
    return isAbsolute(name) ? name : join(directory, name);
  };
  knownKeys(json, Object.keys(sections));
  return Object.assign({}, ...Object.values(sections).map((read) => read(json, path))) as ServerConfig;
}

type ReadSection = (json: JsonReader, path: ReadPath) => Partial<ServerConfig>;

/** By the key in the file. */
const sections: Readonly<Record<string, ReadSection>> = {
  listen: (json) => json.optional("listen", readText),
  storage: (json, path) => json.optional("storage", (item) => readStorage(item, path)),
  tls: (json, path) => json.optional("tls", (item) => readTls(item, path)),
  auth: (json, path) => json.optional("auth", (item) => readAuth(item, path)),
  accessLog: (json) => json.optional("accessLog", (item) => item.boolean()),
  metrics: (json) => json.optional("metrics", (item) => item.boolean()),
  shutdownTimeout: (json) => renamed(json, "shutdownTimeout", "shutdownMs"),
  repositories: (json) => json.optional("repositories", (item) => item.list(readRepositoryRule)),
  rateLimit: (json) => json.optional("rateLimit", readRateLimit),
  cors: (json) => json.optional("cors", (item) => item.list(readOrigin)),
  trustedProxies: (json) => json.optional("trustedProxies", (item) => item.list(readNetwork)),
  webhooks: (json) => json.optional("webhooks", (item) => item.list(readWebhook)),
  proxy: (json, path) => json.optional("proxy", (item) => readProxy(item, path)),
  gc: (json) => json.optional("gc", readCollector),
  scrub: (json) => json.optional("scrub", readScrub),
  uploadMaxAge: (json) => renamed(json, "uploadMaxAge", "uploadMaxAgeMs"),
};

function renamed(json: JsonReader, key: string, name: keyof ServerConfig): Partial<ServerConfig> {
  const item = json.member(key);
  return item.absent ? {} : { [name]: readDuration(item) };
}

function readTls(json: JsonReader, path: ReadPath): TlsFiles {
  knownKeys(json, ["cert", "key", "clientCa"]);
  return {
    cert: path(json.member("cert")),
    key: path(json.member("key")),
    ...json.optional("clientCa", path),
  };
}

function parseText(text: string): unknown {
  if (text.length > largest)
    throw new SlipwayError("invalid_argument", "Invalid registry configuration: larger than 1 MiB");
  try {
    return parseYaml(text);
  } catch (error) {
    const message = `Invalid registry configuration: neither YAML nor JSON: ${errorMessage(error)}`;
    throw new SlipwayError("invalid_argument", message, { cause: error });
  }
}

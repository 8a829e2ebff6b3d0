import type { JsonReader } from "../../../oci/json-shape.ts";
import { clientAddress } from "../operate/client-address.ts";
import type { RateLimit } from "../rules/rate-limiter.ts";
import type { RepositoryRule } from "../rules/repository-rules.ts";
import type { RegistryEvent, Webhook } from "../rules/webhooks.ts";
import { knownKeys, readPositive, readSize, readText, readUrl } from "./config-values.ts";

export function readRepositoryRule(json: JsonReader): RepositoryRule {
  knownKeys(json, ["repositories", "immutableTags", "quota", "sparseIndexes"]);
  const quota = json.member("quota");
  return {
    repositories: readText(json.member("repositories")),
    ...json.optional("immutableTags", readText),
    ...json.optional("sparseIndexes", (item) => item.boolean()),
    ...(!quota.absent && { quotaBytes: readSize(quota) }),
  };
}

export function readRateLimit(json: JsonReader): RateLimit {
  knownKeys(json, ["requestsPerSecond", "burst"]);
  const requestsPerSecond = readPositive(json.member("requestsPerSecond"));
  const burst = json.member("burst");
  return { requestsPerSecond, burst: burst.absent ? requestsPerSecond * 10 : readPositive(burst) };
}

export function readOrigin(json: JsonReader): string {
  const text = readText(json);
  if (text === "*" || (URL.canParse(text) && new URL(text).origin === text)) return text;
  return json.fail(`must be an origin such as "https://ui.example.org", or "*"`);
}

/** An address, or a network such as `10.0.0.0/8`. */
export function readNetwork(json: JsonReader): string {
  const text = readText(json);
  try {
    clientAddress([text]);
    return text;
  } catch {
    return json.fail(`must be an address or a network such as "10.0.0.0/8"`);
  }
}

export function readWebhook(json: JsonReader): Webhook {
  knownKeys(json, ["url", "secret", "actions"]);
  return {
    url: readUrl(json.member("url")),
    ...json.optional("secret", readText),
    ...json.optional("actions", (item) => item.list(readAction)),
  };
}

function readAction(json: JsonReader): RegistryEvent["action"] {
  return json.string(/^(push|pull|delete)$/) as RegistryEvent["action"];
}

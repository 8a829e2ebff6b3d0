import type { JsonReader } from "../../../oci/json-shape.ts";
import { isRepositoryName } from "../names.ts";
import { knownKeys, readDuration, readText, type ReadPath } from "./config-values.ts";
import type { ProxyConfig, UpstreamConfig } from "./server-config.ts";

export function readProxy(json: JsonReader, path: ReadPath): ProxyConfig {
  knownKeys(json, ["tagAge", "upstreams"]);
  const age = json.member("tagAge");
  return {
    upstreams: json.member("upstreams").list((item) => readUpstream(item, path)),
    ...(!age.absent && { tagMs: readDuration(age) }),
  };
}

function readUpstream(json: JsonReader, path: ReadPath): UpstreamConfig {
  knownKeys(json, ["prefix", "registry", "username", "passwordFile", "insecure"]);
  const prefix = json.member("prefix");
  const text = prefix.absent ? "" : prefix.string();
  if (text !== "" && !isRepositoryName(text)) prefix.fail("must be the beginning of a repository name");
  return {
    prefix: text,
    registry: json.member("registry").string(/^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:]+\](:\d{1,5})?$/),
    ...json.optional("username", readText),
    ...json.optional("passwordFile", path),
    ...json.optional("insecure", (item) => item.boolean()),
  };
}

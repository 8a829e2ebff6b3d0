import type { JsonReader } from "../../../oci/json-shape.ts";
import type { Right } from "../rules/rights.ts";
import { knownKeys, readText, readUrl, type ReadPath } from "./config-values.ts";
import type { AuthConfig, IssuerConfig, TokenServiceConfig } from "./server-config.ts";

export function readAuth(json: JsonReader, path: ReadPath): AuthConfig {
  knownKeys(json, ["htpasswd", "anonymousPull", "groups", "rights", "tokenService", "issuer"]);
  const users = json.member("htpasswd");
  for (const name of ["groups", "rights", "tokenService", "anonymousPull"])
    if (users.absent && !json.member(name).absent) json.member(name).fail("needs auth.htpasswd");
  if (!users.absent && !json.member("issuer").absent) json.member("issuer").fail("excludes auth.htpasswd");
  return {
    ...json.optional("htpasswd", path),
    ...json.optional("anonymousPull", (item) => item.boolean()),
    ...json.optional("groups", (item) => item.record((group) => group.list(readText))),
    ...json.optional("rights", (item) => item.list(readRight)),
    ...json.optional("tokenService", (item) => readTokenService(item, path)),
    ...json.optional("issuer", (item) => readIssuer(item, path)),
  };
}

function readRight(json: JsonReader): Right {
  knownKeys(json, ["repositories", "users", "groups", "everyone", "actions"]);
  return {
    repositories: readText(json.member("repositories")),
    ...json.optional("users", (item) => item.list(readText)),
    ...json.optional("groups", (item) => item.list(readText)),
    ...json.optional("everyone", (item) => item.boolean()),
    actions: json
      .member("actions")
      .list((item) => item.string(/^(pull|push|delete|\*)$/)) as Right["actions"],
  };
}

function readTokenService(json: JsonReader, path: ReadPath): TokenServiceConfig {
  knownKeys(json, ["realm", "service", "privateKey"]);
  return {
    realm: readUrl(json.member("realm")),
    privateKey: path(json.member("privateKey")),
    ...json.optional("service", readText),
  };
}

function readIssuer(json: JsonReader, path: ReadPath): IssuerConfig {
  knownKeys(json, ["realm", "service", "issuer", "publicKey"]);
  return {
    realm: readUrl(json.member("realm")),
    service: readText(json.member("service")),
    issuer: readText(json.member("issuer")),
    publicKey: path(json.member("publicKey")),
  };
}

import type { JsonReader } from "../../../oci/json-shape.ts";
import { knownKeys, readText, readUrl, type ReadPath } from "./config-values.ts";
import type { S3Config, StorageConfig } from "./server-config.ts";

export function readStorage(json: JsonReader, path: ReadPath): StorageConfig {
  knownKeys(json, ["filesystem", "s3"]);
  const [filesystem, s3] = [json.member("filesystem"), json.member("s3")];
  if (filesystem.absent === s3.absent) json.fail('must have one of "filesystem" and "s3"');
  if (!s3.absent) return { s3: readS3(s3, path) };
  knownKeys(filesystem, ["root"]);
  return { filesystem: { root: path(filesystem.member("root")) } };
}

function readS3(json: JsonReader, path: ReadPath): S3Config {
  const secrets = ["secretAccessKey", "secretAccessKeyFile"];
  knownKeys(json, ["endpoint", "region", "bucket", "prefix", "accessKeyId", "redirect", ...secrets]);
  if (secrets.every((name) => json.member(name).absent))
    json.fail("needs secretAccessKey or secretAccessKeyFile");
  return {
    endpoint: readUrl(json.member("endpoint")),
    region: json.member("region").absent ? "us-east-1" : readText(json.member("region")),
    bucket: json.member("bucket").string(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    accessKeyId: readText(json.member("accessKeyId")),
    ...json.optional("secretAccessKey", readText),
    ...json.optional("secretAccessKeyFile", path),
    ...json.optional("prefix", (item) => item.string(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/)),
    ...json.optional("redirect", (item) => item.boolean()),
  };
}

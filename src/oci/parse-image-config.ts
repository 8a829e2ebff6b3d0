import type { HealthConfig, HistoryEntry, ImageConfig, ImageRunConfig } from "./image-config.ts";
import { JsonReader } from "./json-shape.ts";

/** Far above any real config; bytes. */
const maxConfigSize = 8 * 1024 * 1024;
const diffIDPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads an untrusted image config (image-spec, config.md, with Docker's additions). The bytes stay the truth: their
 * digest is the image ID. Throws `invalid_argument`. Members nobody uses (such as `container_config`) are left out.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const json = JsonReader.parse(bytes, "image config", maxConfigSize);
  const type = json.member("rootfs").member("type");
  if (type.string() !== "layers") type.fail('must be "layers"');
  return {
    ...json.optional("created", text),
    ...json.optional("author", text),
    architecture: text(json.member("architecture")),
    os: text(json.member("os")),
    ...json.optional("variant", text),
    ...json.optional("os.version", text),
    ...json.optional("os.features", texts),
    ...json.optional("config", readRunConfig),
    rootfs: {
      type: "layers",
      diff_ids: json
        .member("rootfs")
        .member("diff_ids")
        .list((item) => item.string(diffIDPattern)),
    },
    ...json.optional("history", (item) => item.list(readHistory)),
  };
}

function readRunConfig(json: JsonReader): ImageRunConfig {
  return {
    ...json.optional("User", text),
    ...json.optional("ExposedPorts", readSet),
    ...json.optional("Env", (item) => item.list((entry) => entry.string(/^[^=]+=/))),
    ...json.optional("Entrypoint", texts),
    ...json.optional("Cmd", texts),
    ...json.optional("Volumes", readSet),
    ...json.optional("WorkingDir", text),
    ...json.optional("Labels", (item) => item.record(text)),
    ...json.optional("StopSignal", text),
    ...json.optional("StopTimeout", number),
    ...json.optional("Healthcheck", readHealth),
    ...json.optional("Shell", texts),
    ...json.optional("OnBuild", texts),
    ...json.optional("ArgsEscaped", flag),
  };
}

function readHealth(json: JsonReader): HealthConfig {
  return {
    ...json.optional("Test", texts),
    ...json.optional("Interval", number),
    ...json.optional("Timeout", number),
    ...json.optional("StartPeriod", number),
    ...json.optional("StartInterval", number),
    ...json.optional("Retries", number),
  };
}

function readHistory(json: JsonReader): HistoryEntry {
  return {
    ...json.optional("created", text),
    ...json.optional("created_by", text),
    ...json.optional("author", text),
    ...json.optional("comment", text),
    ...json.optional("empty_layer", flag),
  };
}

/** Ports and volumes: the names count, their objects are empty. */
function readSet(json: JsonReader): Record<string, Record<string, never>> {
  return json.record(() => ({}));
}

function text(json: JsonReader): string {
  return json.string();
}

function texts(json: JsonReader): string[] {
  return json.list(text);
}

function number(json: JsonReader): number {
  return json.integer();
}

function flag(json: JsonReader): boolean {
  return json.boolean();
}

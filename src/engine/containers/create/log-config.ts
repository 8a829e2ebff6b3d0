import { existsSync } from "node:fs";
import { SlipwayError } from "../../../errors.ts";
import { ramInBytes } from "../../../internal/parse-size.ts";
import type { StdioConfig } from "../../../runtime/runtime.ts";
import { syslogTarget } from "../../../runtime/syslog/syslog-target.ts";
import type { HostConfig } from "../../types/container-config.ts";
import { checkLogTag, logTag } from "../log-tag.ts";
import type { ContainerRecord } from "../record.ts";

type LogConfig = NonNullable<HostConfig["LogConfig"]>;
/** With both parts filled in. */
export interface LogConfigMade {
  readonly Type: string;
  readonly Config: Record<string, string>;
}
type Options = Readonly<Record<string, string>>;

/** Of a log that names no limits: bytes a file, and files. */
const defaultLimits = { maxSize: 10_000_000, maxFiles: 3 };
const attributes = ["labels", "labels-regex", "env", "env-regex", "tag"];
const files = ["max-size", "max-file", "compress", "mode", "max-buffer-size", ...attributes];
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  "json-file": files,
  local: files,
  none: [],
  journald: files,
  syslog: [...files, "syslog-address", "syslog-facility", "syslog-format"],
};
const others = ["gelf", "fluentd", "awslogs", "splunk", "etwlogs", "gcplogs", "logentries"];
const journalSocket = "/run/systemd/journal/socket";

/**
 * `--log-driver` and `--log-opt` with the engine's own where none was asked for. Throws `invalid_argument`, in Docker's
 * words, for what no driver knows, and `not_implemented`, by name, for what this engine cannot do.
 */
export function completeLogConfig(
  asked: LogConfig | undefined,
  engine: LogConfig | undefined,
): LogConfigMade {
  const own = asked?.Type ? asked : { ...engine, Config: { ...engine?.Config, ...asked?.Config } };
  const config = { Type: own.Type || "json-file", Config: own.Config ?? {} };
  checkDriver(config.Type);
  checkOptions(config.Type, config.Config);
  return config;
}

function checkDriver(driver: string): void {
  if (others.includes(driver)) {
    throw new SlipwayError("not_implemented", `--log-driver ${driver} is not supported`);
  }
  if (optionsOf[driver] === undefined) {
    const why = `logger: no log driver named '${driver}' is registered`;
    throw new SlipwayError("invalid_argument", why);
  }
  if (driver === "journald" && !existsSync(journalSocket)) {
    throw new SlipwayError("unavailable", "--log-driver journald: journald is not enabled on this host");
  }
}

function checkOptions(driver: string, options: Options): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(optionsOf[driver] ?? []).includes(name)) {
      throw new SlipwayError("invalid_argument", `unknown log opt '${name}' for ${driver} log driver`);
    }
    if (name === "compress" && parseBoolean(name, value)) throw unsupported(`${name}=${value}`);
    // No container waits for who reads its log, so both modes are the same here.
    if (name === "mode" && !["", "blocking", "non-blocking"].includes(value)) {
      throw new SlipwayError("invalid_argument", `logger: logging mode not supported: ${value}`);
    }
    if (name.endsWith("-regex")) pattern(name, value);
    if (name === "tag") checkLogTag(value);
  }
  limitsOf(options);
  checkBuffer(options);
  if (driver === "syslog") checkSyslog(options);
}

/** Nothing is buffered in memory, however slow the log's readers are: every size is kept to. */
function checkBuffer({ "max-buffer-size": size, mode }: Options): void {
  if (size === undefined) return;
  if (mode !== "non-blocking")
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  sizeOf("max-buffer-size", size);
}

/** A socket of this host must be there: nobody would hear of the lines otherwise. */
function checkSyslog(options: Options): void {
  const { transport, host } = syslogTarget(options);
  if (transport === "unix" && !existsSync(host))
    throw new SlipwayError("unavailable", `--log-driver syslog: no syslog daemon listens at ${host}`);
}

function unsupported(option: string): SlipwayError {
  return new SlipwayError("not_implemented", `log option "${option}" is not supported`);
}

function parseBoolean(name: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new SlipwayError("invalid_argument", `invalid value for log opt ${name}: ${value}`);
}

/** `max-size` and `max-file`; `max-size=-1`: no limit. Throws `invalid_argument`. Pure. */
function limitsOf(options: Options): StdioConfig["logLimits"] {
  const { "max-size": size, "max-file": count } = options;
  const maxFiles = count === undefined ? defaultLimits.maxFiles : Number(count);
  if (!Number.isInteger(maxFiles)) throw invalid(`invalid value for max-file: ${count}`);
  if (maxFiles < 1) throw invalid("max-file cannot be less than 1");
  if (size === "-1") return undefined;
  const maxSize = size === undefined ? defaultLimits.maxSize : sizeOf("max-size", size);
  if (maxSize <= 0) throw invalid("max-size should be a positive number");
  return { maxSize, maxFiles };
}

function sizeOf(option: string, text: string): number {
  try {
    return ramInBytes(text);
  } catch (cause) {
    throw new SlipwayError("invalid_argument", `invalid value for ${option}: ${text}`, { cause });
  }
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}

/** How the output of a container is kept. Pure. */
export function logStdio(
  record: Pick<ContainerRecord, "hostConfig" | "id" | "name" | "image" | "config">,
  path: string,
): Pick<StdioConfig, "logPath" | "logLimits" | "journalTag"> {
  const { Type, Config } = record.hostConfig.LogConfig ?? {};
  if (Type === "none") return {};
  const tag = logTag(Config?.["tag"], record);
  return {
    logPath: path,
    logLimits: limitsOf(Config ?? {}),
    ...(Type === "journald" ? { journalTag: tag } : {}),
  };
}

/** What `logs --details` shows of each line: the labels and variables that the log options name. Pure. */
export function logDetails(
  record: Pick<ContainerRecord, "hostConfig" | "id" | "name" | "image" | "config">,
): string {
  const { config, hostConfig } = record;
  const options = hostConfig.LogConfig?.Config ?? {};
  const set = (config.Env ?? []).filter((pair) => pair.includes("="));
  const env = set.map((pair) => [pair.split("=", 1)[0] ?? "", pair.slice(pair.indexOf("=") + 1)] as const);
  const chosen = new Map([
    ...choose(Object.entries(config.Labels ?? {}), options["labels"], options["labels-regex"]),
    ...choose(env, options["env"], options["env-regex"]),
    ...(options["tag"] ? [["tag", logTag(options["tag"], record)] as const] : []),
  ]);
  const pairs = [...chosen].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join(",");
}

function choose(
  pairs: readonly (readonly [string, string])[],
  names: string | undefined,
  regex: string | undefined,
): (readonly [string, string])[] {
  const listed = new Set((names ?? "").split(","));
  const matching = regex ? pattern("regex", regex) : undefined;
  return pairs.filter(([name]) => name !== "" && (listed.has(name) || matching?.test(name) === true));
}

function pattern(option: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new SlipwayError("invalid_argument", `invalid value for log opt ${option}: ${text}`, { cause });
  }
}

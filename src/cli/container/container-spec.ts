import { UsageError } from "../flags/parse-flags.ts";
import type { ContainerFlags } from "../flags/container-flags.ts";
import { parsePairs } from "../flags/values.ts";
import { readFile } from "../files.ts";
import { readEnvFile } from "./env-file.ts";
import { healthcheck } from "./health-spec.ts";
import { hostConfig } from "./host-spec.ts";
import { networkingConfig } from "./network-spec.ts";
import { exposedPorts } from "./port-spec.ts";
import type { ContainerCreate } from "../../engine/types/container.ts";
import { anonymousVolumes } from "./volume-spec.ts";

interface Surroundings {
  readonly image: string;
  readonly command: readonly string[];
  readonly given: ReadonlySet<string>;
  readonly detach: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The body of `POST /containers/create` for the options of `run` and `create`, as Docker's own client makes it.
 * Reads the files that options name. Throws {@link UsageError} in Docker's words.
 */
export function containerSpec(flags: ContainerFlags, around: Surroundings): ContainerCreate {
  if (flags.idle !== undefined && !flags.lazy) throw new UsageError("--idle needs --lazy");
  const attached = attachedStreams(flags, around);
  const health = healthcheck(flags, around.given);
  return {
    ...(flags.name === "" ? {} : { name: flags.name }),
    ...(flags.platform === "" ? {} : { platform: flags.platform }),
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    ...attached,
    ExposedPorts: exposedPorts(flags.expose, flags.publish),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && attached.AttachStdin,
    Env: environment(flags, around.env),
    Cmd: around.command.length === 0 ? null : [...around.command],
    Image: around.image,
    Volumes: anonymousVolumes(flags.volume),
    WorkingDir: flags.workdir,
    Entrypoint: entrypoint(flags.entrypoint),
    Labels: labels(flags),
    ...(flags["stop-signal"] === "" ? {} : { StopSignal: flags["stop-signal"] }),
    ...(flags["stop-timeout"] === undefined ? {} : { StopTimeout: flags["stop-timeout"] }),
    ...(health === undefined ? {} : { Healthcheck: health }),
    HostConfig: hostConfig(flags, around.given),
    NetworkingConfig: networkingConfig(flags),
    ...(flags["host-ca"] ? { HostCA: true } : {}),
    ...(flags.lazy ? { Lazy: flags.idle === undefined ? {} : { Idle: flags.idle } } : {}),
  };
}

/** Without `-a`: everything unless detached; stdin only with `-i`. */
function attachedStreams(flags: ContainerFlags, { detach }: Surroundings) {
  if (detach && flags.attach.length > 0)
    throw new UsageError("conflicting options: cannot specify both --attach and --detach");
  const asked = flags.attach;
  const wants = (name: string, otherwise: boolean) =>
    asked.length > 0 ? asked.includes(name) : otherwise && !detach;
  return {
    AttachStdin: wants("stdin", flags.interactive),
    AttachStdout: wants("stdout", true),
    AttachStderr: wants("stderr", true),
  };
}

function environment(flags: ContainerFlags, env: Surroundings["env"]): string[] {
  const fromFiles = flags["env-file"].flatMap((path) => readEnvFile(path, env));
  const given = flags.env.flatMap((word) => {
    if (word.includes("=")) return [word];
    return env[word] === undefined ? [word] : [`${word}=${env[word]}`];
  });
  const byName = new Map([...fromFiles, ...given].map((pair) => [pair.split("=", 1)[0] ?? "", pair]));
  return [...byName.values()];
}

/** `--entrypoint ""` takes the image's away. */
function entrypoint(given: string | undefined): string[] | null {
  return given === undefined ? null : [given];
}

function labels(flags: ContainerFlags): Record<string, string> {
  const fromFiles = flags["label-file"].flatMap((path) => readFile(path).toString("utf8").split(/\r?\n/));
  return parsePairs([
    ...fromFiles.filter((line) => line.trim() !== "" && !line.startsWith("#")),
    ...flags.label,
  ]);
}

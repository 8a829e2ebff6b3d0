import { SlipwayError } from "../../errors.ts";
import type { ContainerCreate, ExecCreate } from "../../engine/types/container.ts";
import { flag, integer, listOf, object, text, words, type Check } from "../schema.ts";
import { consoleSize, containerConfigFields, hostConfig } from "./container-config.ts";
import { networkingConfig } from "./network.ts";

const createFields = object({
  ...containerConfigFields,
  HostConfig: hostConfig,
  NetworkingConfig: networkingConfig,
  MacAddress: text,
  HostCA: flag,
  Lazy: object({ Idle: integer }),
});

const configFields: ReadonlySet<string> = new Set(Object.keys(containerConfigFields));

/** Body of `POST /containers/create`; name and platform travel in the query. */
export const containerCreate: Check<ContainerCreate> = (value, at) => {
  if (value === undefined)
    throw new SlipwayError("invalid_argument", "invalid JSON: got EOF while reading request body");
  const spec = value === null ? {} : createFields(value, at);
  if (Object.keys(spec).some((name) => configFields.has(name))) return spec;
  throw new SlipwayError("invalid_argument", "config cannot be empty in order to create a container");
};

const execFields = object({
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ConsoleSize: consoleSize,
  DetachKeys: text,
  Tty: flag,
  Env: listOf(text),
  Cmd: words,
  Privileged: flag,
  User: text,
  WorkingDir: text,
});

/** Body of `POST /containers/{id}/exec`; without a command the engine says what is missing. */
export const execCreate: Check<ExecCreate> = (value, at) => ({ Cmd: [], ...execFields(value, at) });

/** Body of `POST /exec/{id}/start`. */
export const execStart = object({ Detach: flag, Tty: flag, ConsoleSize: consoleSize });

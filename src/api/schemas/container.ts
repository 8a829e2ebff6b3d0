import type { ContainerCreate, ExecCreate } from "../../engine/types/container.ts";
import {
  flag,
  integer,
  invalidField,
  listOf,
  object,
  objectWith,
  text,
  words,
  type Check,
} from "../schema.ts";
import { containerConfigFields, hostConfig } from "./container-config.ts";
import { networkingConfig } from "./network.ts";

/** Body of `POST /containers/create`; name and platform travel in the query. */
export const containerCreate: Check<ContainerCreate> = object({
  ...containerConfigFields,
  HostConfig: hostConfig,
  NetworkingConfig: networkingConfig,
  HostCA: flag,
  Lazy: object({ Idle: integer }),
});

const consoleSize: Check<[number, number]> = (value, at) => {
  const [height, width, ...more] = listOf(integer)(value, at);
  if (height === undefined || width === undefined || more.length > 0) throw invalidField(at, "two numbers");
  return [height, width];
};

/** Body of `POST /containers/{id}/exec`. */
export const execCreate: Check<ExecCreate> = objectWith(["Cmd"], {
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

/** Body of `POST /exec/{id}/start`. */
export const execStart = object({ Detach: flag, Tty: flag, ConsoleSize: consoleSize });

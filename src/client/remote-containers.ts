import type { AttachOptions, ContainerService, LogOptions } from "../engine/engine.ts";
import type { ContainerWait } from "../engine/types/container.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { acceptFrames, isRawStream, remoteAttachment, remoteOutput } from "./remote-streams.ts";
import { outputChunks } from "./stream-frames.ts";
import { pathOf, readText, type Wire } from "./wire.ts";

const at = (name: string, rest = "") => `/containers/${pathOf(name)}${rest}`;

/** Containers of an engine behind a socket. */
export function remoteContainers(wire: Wire): ContainerService {
  const waits = new PendingWaits();
  return {
    list: (o) =>
      wire.json("GET", "/containers/json", {
        query: { all: o?.all, limit: o?.limit, size: o?.size, filters: o?.filters },
        signal: o?.signal,
      }),
    create: ({ name, platform, ...spec }, o) =>
      wire.json("POST", "/containers/create", { query: { name, platform }, json: spec, signal: o?.signal }),
    inspect: (name, o) =>
      wire.json("GET", at(name, "/json"), { query: { size: o?.size }, signal: o?.signal }),
    remove: (name, o) =>
      wire.done("DELETE", at(name), {
        query: { force: o?.force, v: o?.volumes, link: o?.link },
        signal: o?.signal,
      }),
    wait: (name, o) => waits.track(wait(wire, name, o ?? {})),
    attach: (name, attach, o) => attachTo(wire, name, attach, o),
    logs: (name, log, o) => logs(wire, name, log, o),
    top: (name, o) =>
      wire.json("GET", at(name, "/top"), { query: { ps_args: o?.psArgs }, signal: o?.signal }),
    fork: (name, newName, o) =>
      wire.json("POST", `/slipway/v1${at(name, "/fork")}`, {
        query: {
          name: newName,
          volumes: o?.volumes,
          rm: o?.autoRemove === undefined ? undefined : Number(o.autoRemove),
        },
        signal: o?.signal,
      }),
    prune: (o) =>
      wire.json("POST", "/containers/prune", { query: { filters: o?.filters }, signal: o?.signal }),
    ...lifecycle(wire, waits),
  };
}

type Lifecycle = "start" | "stop" | "restart" | "kill" | "pause" | "unpause" | "rename" | "resize";

function lifecycle(wire: Wire, waits: PendingWaits): Pick<ContainerService, Lifecycle> {
  return {
    start: async (name, o) => {
      await waits.standing();
      await wire.done("POST", at(name, "/start"), {
        query: { detachKeys: o?.detachKeys },
        signal: o?.signal,
      });
    },
    stop: (name, o) =>
      wire.done("POST", at(name, "/stop"), {
        query: { t: o?.timeout, signal: o?.killSignal },
        signal: o?.signal,
      }),
    restart: (name, o) =>
      wire.done("POST", at(name, "/restart"), {
        query: { t: o?.timeout, signal: o?.killSignal },
        signal: o?.signal,
      }),
    kill: (name, o) =>
      wire.done("POST", at(name, "/kill"), { query: { signal: o?.killSignal }, signal: o?.signal }),
    pause: (name, o) => wire.done("POST", at(name, "/pause"), { signal: o?.signal }),
    unpause: (name, o) => wire.done("POST", at(name, "/unpause"), { signal: o?.signal }),
    rename: (name, newName, o) =>
      wire.done("POST", at(name, "/rename"), { query: { name: newName }, signal: o?.signal }),
    resize: (name, size, o) =>
      wire.done("POST", at(name, "/resize"), { query: { ...size }, signal: o?.signal }),
  };
}

interface StandingWait {
  readonly standing: Promise<unknown>;
  readonly result: Promise<ContainerWait>;
}

/**
 * A wait must stand before a start that is called after it, though they travel on different connections: `start`
 * holds back until the engine has acknowledged every wait on its way.
 */
class PendingWaits {
  readonly #underway = new Set<Promise<unknown>>();

  track({ standing, result }: StandingWait): Promise<ContainerWait> {
    const settled: Promise<unknown> = standing.catch(() => {});
    this.#underway.add(settled);
    void settled.then(() => this.#underway.delete(settled));
    return result;
  }

  async standing(): Promise<void> {
    await Promise.all(this.#underway);
  }
}

function wait(wire: Wire, name: string, o: CallOptions & { condition?: string }): StandingWait {
  const { condition, signal } = o;
  const standing = wire.call("POST", at(name, "/wait"), { query: { condition }, signal });
  return { standing, result: standing.then(async (response) => waitResult(await readText(response.body))) };
}

function waitResult(text: string): ContainerWait {
  const result = JSON.parse(text) as ContainerWait;
  if (result.StatusCode < 0) throw new SlipwayError("internal", result.Error?.Message ?? "The wait failed");
  return result;
}

async function attachTo(wire: Wire, name: string, attach: AttachOptions, o: CallOptions | undefined) {
  const query = { ...attach };
  if (attach.stdin !== true)
    return remoteOutput(
      await wire.call("POST", at(name, "/attach"), { query, headers: acceptFrames, signal: o?.signal }),
    );
  return remoteAttachment(await wire.hijack(at(name, "/attach"), { query, signal: o?.signal }));
}

async function logs(wire: Wire, name: string, log: LogOptions, o: CallOptions | undefined) {
  const query = { ...log, since: seconds(log.since), until: seconds(log.until) };
  const response = await wire.call("GET", at(name, "/logs"), { query, signal: o?.signal });
  const tty = isRawStream(response.headers.get("content-type"));
  return { tty, output: outputChunks(response.body, tty) };
}

/** Seconds with milliseconds, as the API takes times. */
export function seconds(time: Date | undefined): string | undefined {
  return time === undefined ? undefined : (time.getTime() / 1000).toFixed(3);
}

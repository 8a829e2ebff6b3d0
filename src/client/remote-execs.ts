import type { ExecService } from "../engine/engine.ts";
import { detachedStreams, remoteAttachment } from "./remote-streams.ts";
import { pathOf, type Wire } from "./wire.ts";

/** Execs of an engine behind a socket. */
export function remoteExecs(wire: Wire): ExecService {
  return {
    create: (container, exec, o) =>
      wire.json("POST", `/containers/${pathOf(container)}/exec`, { json: exec, signal: o?.signal }),
    start: async (id, o) => {
      const { detach = false, tty = false, consoleSize, signal } = o ?? {};
      const json = {
        Detach: detach,
        Tty: tty,
        ...(consoleSize !== undefined && { ConsoleSize: consoleSize }),
      };
      const path = `/exec/${pathOf(id)}/start`;
      if (!detach) return remoteAttachment(await wire.hijack(path, { json, signal }));
      await wire.done("POST", path, { json, signal });
      return detachedStreams(tty);
    },
    resize: (id, size, o) =>
      wire.done("POST", `/exec/${pathOf(id)}/resize`, { query: { ...size }, signal: o?.signal }),
    inspect: (id, o) => wire.json("GET", `/exec/${pathOf(id)}/json`, { signal: o?.signal }),
  };
}

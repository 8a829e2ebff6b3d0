import type { ExecService } from "../engine/engine.ts";
import { acceptFrames, detachedStreams, remoteAttachment, remoteOutput } from "./remote-streams.ts";
import { pathOf, type Wire } from "./wire.ts";

/** Execs of an engine behind a socket. */
export function remoteExecs(wire: Wire): ExecService {
  const silent = new Set<string>();
  return {
    create: async (container, exec, o) => {
      const path = `/containers/${pathOf(container)}/exec`;
      const made = await wire.json<{ Id: string }>("POST", path, { json: exec, signal: o?.signal });
      if (exec.AttachStdin !== true) silent.add(made.Id);
      return made;
    },
    start: async (id, o) => {
      const { detach = false, tty = false, consoleSize, signal } = o ?? {};
      const json = {
        Detach: detach,
        Tty: tty,
        ...(consoleSize !== undefined && { ConsoleSize: consoleSize }),
      };
      const path = `/exec/${pathOf(id)}/start`;
      // Forgotten: it starts once.
      const takesInput = !silent.delete(id);
      if (!detach && !takesInput)
        return remoteOutput(await wire.call("POST", path, { json, headers: acceptFrames, signal }));
      if (!detach) return remoteAttachment(await wire.hijack(path, { json, signal }));
      await wire.done("POST", path, { json, signal });
      return detachedStreams(tty);
    },
    resize: (id, size, o) =>
      wire.done("POST", `/exec/${pathOf(id)}/resize`, { query: { ...size }, signal: o?.signal }),
    inspect: (id, o) => wire.json("GET", `/exec/${pathOf(id)}/json`, { signal: o?.signal }),
  };
}

import type { DebugShell, DebugStep } from "../build/failed-steps.ts";
import { isCode } from "../errors.ts";
import type { ContainerService } from "./engine.ts";
import type { MountSpec } from "../volume/mount-request.ts";
import type { ContainerCreate } from "./types/container.ts";

/**
 * Shells in failed steps, as containers: who asked for it attaches and starts, and has a terminal, signals and all. The
 * container is gone when the shell ends, or when who asked is.
 */
export function debugShells(containers: Pick<ContainerService, "create" | "remove" | "wait">): DebugShell {
  return async (step, { signal, onReady }) => {
    const { Id } = await containers.create(containerOf(step), { ...(signal !== undefined && { signal }) });
    try {
      const removed = containers.wait(Id, {
        condition: "removed",
        ...(signal !== undefined && { signal }),
      });
      onReady(Id);
      await removed;
    } finally {
      await containers.remove(Id, { force: true }).catch((error: unknown) => {
        if (!isCode(error, "not_found")) throw error;
      });
    }
  };
}

function containerOf({ image, shell, tty, mounts, network }: DebugStep): ContainerCreate {
  return {
    Image: image,
    Entrypoint: [],
    Cmd: [...shell],
    Tty: tty,
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: network === "default" ? "bridge" : network,
      Mounts: mounts.filter(({ type }) => type === "bind").map(bindOf),
      Tmpfs: Object.fromEntries(
        mounts
          .filter(({ type }) => type === "tmpfs")
          .map(({ destination, options = [] }) => [destination, options.join(",")]),
      ),
    },
  };
}

function bindOf({ source = "", destination, options = [] }: DebugStep["mounts"][number]): MountSpec {
  return { Type: "bind", Source: source, Target: destination, ReadOnly: options.includes("ro") };
}

import { spawnSync } from "node:child_process";
import { sealedCopy, type SealedCopy } from "../platform/sealed-copy.ts";
import type { Programs } from "./probe.ts";

/**
 * The runtime as a sealed copy in memory. crun and runc make one of themselves whenever they are started, so that no
 * container can write to the runtime through its `/proc/self/exe` (CVE-2019-5736), and then start again from it; started
 * from one, they go straight on: 2 ms less each time, three times for a `run --rm`. Undefined where the host lets no
 * program run from memory; the runtime's own way is the fallback. An upgrade of the runtime is seen by the next engine.
 */
export function sealRuntime(programs: Programs): (SealedCopy & { readonly programs: Programs }) | undefined {
  try {
    const copy = sealedCopy(programs.path);
    const command = [copy.path, ...programs.command.slice(1)];
    const works = spawnSync(copy.path, ["--version"]).status === 0;
    if (works) return { ...copy, programs: { ...programs, command } };
    copy[Symbol.dispose]();
  } catch {
    // No memfd, or none that may be run.
  }
  return undefined;
}

import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { EngineConfig } from "../../engine/config.ts";
import { errorMessage } from "../../errors.ts";
import { arity, command } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { enterNamespaces } from "../rootless/enter.ts";
import { leaveNamespaces } from "../rootless/leave.ts";
import { engineConfig, noEngineFlags } from "../engine-config.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "system uninstall [OPTIONS]",
  summary: "Stop the engine, remove all containers, links and rules",
  flags: {
    data: bool("Remove images, volumes and everything else under the root as well"),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { root } = context.global;
    const what = flags.data ? `all containers, images and volumes of ${root}` : `all containers of ${root}`;
    if (!flags.force && !(await confirmed(context, `This will remove ${what}.`))) return 1;
    await enterNamespaces(root, context.env);
    await stopEngine(root);
    const warn = (text: string) => void context.stderr.write(`${text}\n`);
    const config = engineConfig({ ...noEngineFlags, root, env: context.env, warn });
    await clear(config);
    leaveNamespaces(config.runDirectory, context.env);
    await rm(config.runDirectory, { recursive: true, force: true });
    if (flags.data) await rm(config.root, { recursive: true, force: true });
    return 0;
  },
});

/** By the records; where no engine can be opened on them, by what is found in the system. */
async function clear(config: EngineConfig): Promise<void> {
  const { openEngine } = await import("../../engine/local-engine.ts");
  try {
    await using engine = await openEngine(config);
    await engine.uninstall();
  } catch (error) {
    const { clearAway } = await import("../../engine/clear-away.ts");
    await clearAway(config);
    config.warn(`Everything was removed without the engine's records: ${errorMessage(error)}`);
  }
}

/** Ends the engine that holds the root, if one does, and waits until it is gone. */
async function stopEngine(root: string): Promise<void> {
  const pid = enginePid(root);
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGTERM");
    for (;;) {
      process.kill(pid, 0);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } catch {
    // No such process: it ended, or a crash left the number behind.
  }
}

/** The number in the lock file, when the process it names is an engine. */
function enginePid(root: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(root, "lock"), "utf8"));
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("engine") ? pid : undefined;
  } catch {
    return undefined;
  }
}

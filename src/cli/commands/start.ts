import { arity, command, ExitError } from "../command.ts";
import { attachTo } from "../container/attach-to.ts";
import { bool, refused, string } from "../flags/flag.ts";
import { forEach, ignoreUnchanged } from "../for-each.ts";

export default command({
  usage: "start [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Start one or more stopped containers",
  aliases: ["container start", "start"],
  flags: {
    attach: bool("Attach STDOUT/STDERR and forward signals", { short: "a" }),
    checkpoint: refused("containers are not checkpointed"),
    "checkpoint-dir": refused("containers are not checkpointed"),
    "detach-keys": string("Override the key sequence for detaching a container"),
    interactive: bool("Attach container's STDIN", { short: "i" }),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const engine = await context.engine();
    if (!flags.attach && !flags.interactive) {
      const failed: string[] = [];
      const code = await forEach(args, context, async (name) => {
        failed.push(name);
        await engine.containers.start(name).catch(ignoreUnchanged);
        failed.pop();
        return name;
      });
      if (code === 0) return code;
      throw new ExitError(code, `Error: failed to start containers: ${failed.join(", ")}`);
    }
    const [name = "", second] = args;
    if (second !== undefined)
      throw new ExitError(1, "you cannot start and attach multiple containers at once");
    return await attachTo(engine, name, context, {
      input: flags.interactive,
      detachKeys: flags["detach-keys"],
      signals: true,
      begin: () => engine.containers.start(name).catch(ignoreUnchanged),
    });
  },
});

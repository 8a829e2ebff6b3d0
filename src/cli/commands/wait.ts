import { waitConditions } from "../../engine/engine.ts";
import { arity, command, ExitError } from "../command.ts";
import { string } from "../flags/flag.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "wait [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Block until one or more containers stop, then print their exit codes",
  aliases: ["container wait", "wait"],
  flags: {
    condition: string(`Wait for "not-running", "next-exit", "removed" or "healthy"`, {
      initial: "not-running",
    }),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const condition = waitConditions.find((known) => known === flags.condition);
    if (condition === undefined) throw new ExitError(1, `invalid condition: "${flags.condition}"`);
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      const { StatusCode } = await containers.wait(name, { condition, signal: context.signal });
      return String(StatusCode);
    });
  },
});

import { command } from "../command.ts";
import { bool, list, string } from "../flags/flag.ts";

export default command({
  usage: "commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
  summary: "Create a new image from a container's changes",
  aliases: ["container commit", "commit"],
  flags: {
    author: string('Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', { short: "a" }),
    change: list("Apply Dockerfile instruction to the created image", { short: "c" }),
    message: string("Commit message", { short: "m" }),
    pause: bool("Pause container during commit", { short: "p", initial: true }),
  },
  args: { min: 1, max: 2 },
  async run({ flags, args: [name = "", reference] }, context) {
    const { files } = await context.engine();
    const { Id } = await files.commit(name, {
      pause: flags.pause,
      changes: flags.change,
      ...(reference !== undefined && reference !== "" && { reference }),
      ...(flags.author !== "" && { author: flags.author }),
      ...(flags.message !== "" && { comment: flags.message }),
      signal: context.signal,
    });
    context.stdout.write(`${Id}\n`);
    return 0;
  },
});

import { isCode } from "../../errors.ts";
import { remoteMessage } from "../remote-error.ts";
import { bool } from "../flags/flag.ts";
import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "rm [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Remove one or more containers",
  aliases: ["container rm", "container remove", "rm"],
  flags: {
    force: bool("Force the removal of a running container (uses SIGKILL)", { short: "f" }),
    link: bool("Remove the specified link", { short: "l" }),
    volumes: bool("Remove anonymous volumes associated with the container", { short: "v" }),
  },
  args: arity.atLeast(1),
  async run({ args, flags }, context) {
    const { containers } = await context.engine();
    return await forEach(args, context, async (name) => {
      try {
        await containers.remove(name, { force: flags.force, volumes: flags.volumes, link: flags.link });
      } catch (error) {
        // As in Docker: `rm -f` of what is not there tells so, and is content.
        if (!flags.force || !isCode(error, "not_found")) throw error;
        context.stderr.write(`${remoteMessage(error)}\n`);
        return undefined;
      }
      return name;
    });
  },
});

import { isCode } from "../../errors.ts";
import { remoteMessage } from "../remote-error.ts";
import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "rmi [OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove one or more images",
  aliases: ["image rm", "image remove", "rmi"],
  flags: {
    force: bool("Force removal of the image", { short: "f" }),
    "no-prune": bool("Do not delete untagged parents"),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const { images } = await context.engine();
    return await forEach(args, context, async (name) => {
      const options = { force: flags.force, noPrune: flags["no-prune"] };
      const items = await images.remove(name, options).catch((error: unknown) => {
        // As in Docker: `rmi -f` of what is not there tells so, and is content.
        if (!flags.force || !isCode(error, "not_found")) throw error;
        context.stderr.write(`${remoteMessage(error)}\n`);
        return undefined;
      });
      return items
        ?.map(({ Untagged, Deleted }) =>
          Untagged === undefined ? `Deleted: ${Deleted}` : `Untagged: ${Untagged}`,
        )
        .join("\n");
    });
  },
});

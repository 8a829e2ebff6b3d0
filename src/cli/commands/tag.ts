import { arity, command } from "../command.ts";

export default command({
  usage: "tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
  aliases: ["image tag", "tag"],
  flags: {},
  args: arity.exactly(2),
  async run({ args: [source = "", target = ""] }, context) {
    await (await context.engine()).images.tag(source, target);
    return 0;
  },
});

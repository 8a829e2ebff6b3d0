import { arity, command } from "../command.ts";

export default command({
  usage: "rename CONTAINER NEW_NAME",
  summary: "Rename a container",
  aliases: ["container rename", "rename"],
  flags: {},
  args: arity.exactly(2),
  async run({ args: [name = "", newName = ""] }, context) {
    await (await context.engine()).containers.rename(name, newName);
    return 0;
  },
});

import { arity, command, ExitError } from "../command.ts";
import { remoteMessage } from "../remote-error.ts";

export default command({
  usage: "rename CONTAINER NEW_NAME",
  summary: "Rename a container",
  aliases: ["container rename", "rename"],
  flags: {},
  args: arity.exactly(2),
  async run({ args: [name = "", newName = ""] }, context) {
    const { containers } = await context.engine();
    await containers.rename(name, newName).catch((error: unknown) => {
      const what = `${remoteMessage(error)}\nError: failed to rename container named ${name}`;
      throw new ExitError(1, what, { cause: error });
    });
    return 0;
  },
});

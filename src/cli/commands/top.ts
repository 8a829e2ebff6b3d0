import { arity, command } from "../command.ts";
import { formatTable } from "../format/table.ts";

export default command({
  usage: "top CONTAINER [ps OPTIONS]",
  summary: "Display the running processes of a container",
  aliases: ["container top", "top"],
  flags: {},
  args: arity.atLeast(1),
  interspersed: false,
  async run({ args: [name = "", ...psArgs] }, context) {
    const { containers } = await context.engine();
    const top = await containers.top(name, psArgs.length === 0 ? {} : { psArgs: psArgs.join(" ") });
    context.stdout.write(formatTable(top.Titles, top.Processes));
    return 0;
  },
});

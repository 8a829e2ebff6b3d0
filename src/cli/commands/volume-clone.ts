import { arity, command } from "../command.ts";

export default command({
  usage: "volume clone VOLUME NAME",
  summary: "Make a volume with the files of another",
  flags: {},
  args: arity.exactly(2),
  async run({ args: [name = "", copyName = ""] }, context) {
    const { volumes } = await context.engine();
    const { Name } = await volumes.clone(name, copyName, { signal: context.signal });
    context.stdout.write(`${Name}\n`);
    return 0;
  },
});

import { pipeline } from "node:stream/promises";
import { arity, command, ExitError } from "../command.ts";
import { string } from "../flags/flag.ts";
import { writeFileWhole } from "../write-file-whole.ts";

export default command({
  usage: "volume export [OPTIONS] VOLUME",
  summary: "Write a volume's files as a tar archive",
  flags: { output: string("Write to a file, instead of STDOUT", { short: "o" }) },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    if (flags.output === "" && context.stdout.isTTY)
      throw new ExitError(1, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    const { volumes } = await context.engine();
    const archive = await volumes.export(name, { signal: context.signal });
    if (flags.output === "") await pipeline(archive, context.stdout, { end: false });
    else await writeFileWhole(flags.output, archive);
    return 0;
  },
});

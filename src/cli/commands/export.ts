import { pipeline } from "node:stream/promises";
import { command, ExitError } from "../command.ts";
import { checkDirectoryOf } from "../files.ts";
import { string } from "../flags/flag.ts";
import { writeFileWhole } from "../write-file-whole.ts";

export default command({
  usage: "export [OPTIONS] CONTAINER",
  summary: "Export a container's filesystem as a tar archive",
  aliases: ["container export", "export"],
  flags: { output: string("Write to a file, instead of STDOUT", { short: "o" }) },
  args: { min: 1, max: 1 },
  async run({ flags, args: [name = ""] }, context) {
    if (flags.output === "" && context.stdout.isTTY)
      throw new ExitError(1, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    const { files } = await context.engine();
    if (flags.output !== "") checkDirectoryOf(flags.output, "failed to export container");
    const archive = await files.export(name, { signal: context.signal });
    if (flags.output === "") await pipeline(archive, context.stdout, { end: false });
    else await writeFileWhole(flags.output, archive);
    return 0;
  },
});

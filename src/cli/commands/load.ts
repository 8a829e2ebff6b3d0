import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { arity, command, ExitError } from "../command.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "load [OPTIONS]",
  summary: "Load an image from a tar archive or STDIN",
  aliases: ["image load", "load"],
  flags: {
    input: string("Read from tar archive file, instead of STDIN", { short: "i" }),
    platform: string("Load only the given platform variant"),
    quiet: bool("Suppress the load output", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (flags.input === "" && context.stdin.isTTY)
      throw new ExitError(1, "requested load from stdin, but stdin is empty");
    if (flags.input !== "") await stat(flags.input);
    const archive =
      flags.input === "" ? context.stdin : createReadStream(flags.input, { highWaterMark: 1 << 20 });
    const platform = flags.platform === "" ? {} : { platform: flags.platform };
    const options = { signal: context.signal, ...platform };
    const { images } = await context.engine();
    for await (const { stream } of images.load(archive, options)) {
      if (stream !== undefined) context.stdout.write(stream);
    }
    return 0;
  },
});

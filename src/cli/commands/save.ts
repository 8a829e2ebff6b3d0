import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { arity, command, ExitError } from "../command.ts";
import { compressArchive } from "../disk/compress-archive.ts";
import { checkDirectoryOf } from "../files.ts";
import { string } from "../flags/flag.ts";

export default command({
  usage: "save [OPTIONS] IMAGE [IMAGE...]",
  summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
  aliases: ["image save", "save"],
  flags: {
    output: string("Write to a file, instead of STDOUT; compressed when it ends in .gz or .zst", {
      short: "o",
    }),
    platform: string("Save only the given platform variant"),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    if (flags.output === "" && context.stdout.isTTY) {
      throw new ExitError(1, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    const { images } = await context.engine();
    const platform = flags.platform === "" ? {} : { platform: flags.platform };
    if (flags.output !== "") checkDirectoryOf(flags.output, "failed to save image");
    const archive = await images.save(args, { signal: context.signal, ...platform });
    if (flags.output === "") await pipeline(archive, context.stdout, { end: false });
    else await writeWhole(flags.output, await compressArchive(archive, flags.output));
    return 0;
  },
});

/** The file appears under its name only when it is whole. */
async function writeWhole(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  const part = `${path}.part-${process.pid}`;
  try {
    await pipeline(archive, createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}

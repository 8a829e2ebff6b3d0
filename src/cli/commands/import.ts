import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { command, ExitError, type CliContext } from "../command.ts";
import { list, string } from "../flags/flag.ts";

export default command({
  usage: "import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
  summary: "Import the contents from a tarball to create a filesystem image",
  aliases: ["image import", "import"],
  flags: {
    change: list("Apply Dockerfile instruction to the created image", { short: "c" }),
    message: string("Set commit message for imported image", { short: "m" }),
    platform: string("Set platform if server is multi-platform capable"),
  },
  args: { min: 1, max: 2 },
  async run({ flags, args: [from = "", reference] }, context) {
    const source = await openSource(from, context);
    const { images } = await context.engine();
    const lines = images.import(source, {
      changes: flags.change,
      ...(reference !== undefined && reference !== "" && { reference }),
      ...(flags.message !== "" && { message: flags.message }),
      ...(flags.platform !== "" && { platform: flags.platform }),
      signal: context.signal,
    });
    for await (const { status } of lines) if (status !== undefined) context.stdout.write(`${status}\n`);
    return 0;
  },
});

async function openSource(from: string, context: CliContext) {
  if (from === "-") {
    if (context.stdin.isTTY) throw new ExitError(1, "requested import from stdin, but stdin is a terminal");
    return context.stdin;
  }
  if (/^https?:\/\//.test(from) && URL.canParse(from)) return new URL(from);
  await stat(from).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new ExitError(1, `open ${from}: no such file or directory`) : error;
  });
  return createReadStream(from, { highWaterMark: 1 << 20 });
}

import { command, type CliContext, ExitError } from "../command.ts";
import { absolutePath, parseCopyArgument } from "../copy/copy-place.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage:
    "cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n        slipway cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
  summary: "Copy files/folders between a container and the local filesystem",
  aliases: ["container cp", "cp"],
  flags: {
    archive: bool("Archive mode (copy all uid/gid information)", { short: "a" }),
    "follow-link": bool("Always follow symbol link in SRC_PATH", { short: "L" }),
    quiet: bool("Suppress progress output during copy", { short: "q" }),
  },
  args: { min: 2, max: 2 },
  async run({ flags, args: [from = "", to = ""], given }, context) {
    const [source, destination] = [parseCopyArgument(from), parseCopyArgument(to)];
    const options = { archive: flags.archive, followLink: flags["follow-link"] };
    if (source.path === "" || destination.path === "")
      throw new ExitError(1, source.path === "" ? "source can not be empty" : "destination can not be empty");
    if (source.kind === "container" && destination.kind === "container")
      throw new ExitError(1, "copying between containers is not supported");
    const isQuiet = given.has("quiet") ? flags.quiet : context.stderr.isTTY !== true;
    const say = (size: number, where: string) => (isQuiet ? Promise.resolve() : report(context, size, where));
    if (source.kind === "container" && destination.kind === "local") {
      const { copyFromContainer } = await import("../copy/copy-from-container.ts");
      const path = destination.path === "-" ? "-" : absolutePath(destination.path, process.cwd());
      const size = await copyFromContainer(context, source, path, options);
      if (path !== "-") await say(size, path);
      return 0;
    }
    if (source.kind === "local" && destination.kind === "container") {
      const { copyToContainer } = await import("../copy/copy-to-container.ts");
      const path = source.path === "-" ? "-" : absolutePath(source.path, process.cwd());
      const size = await copyToContainer(context, path, destination, options);
      await say(size, `${destination.container}:${destination.path}`);
      return 0;
    }
    throw new ExitError(1, "must specify at least one container source");
  },
});

async function report(context: CliContext, size: number, where: string): Promise<void> {
  const { humanSize } = await import("../../internal/human-size.ts");
  context.stderr.write(`Successfully copied ${humanSize(size, 3)} to ${where}\n`);
}

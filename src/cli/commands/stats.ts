import { arity, command } from "../command.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "stats [OPTIONS] [CONTAINER...]",
  summary: "Display a live stream of container(s) resource usage statistics",
  aliases: ["container stats", "stats"],
  flags: {
    all: bool("Show all containers (default shows just running)", { short: "a" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    "no-stream": bool("Disable streaming stats and only pull the first result"),
    "no-trunc": bool("Do not truncate output"),
  },
  args: arity.atLeast(0),
  async run({ flags, args }, context) {
    const [{ formatListing }, { statsListing }] = await Promise.all([
      import("../format/listing.ts"),
      import("../format/listings/stats.ts"),
    ]);
    const listing = statsListing(flags["no-trunc"]);
    const format = { format: flags.format, quiet: false };
    const engine = await context.engine();
    if (flags["no-stream"]) {
      const { sampleOnce } = await import("../stats/sample-once.ts");
      const rows = await sampleOnce(engine, args, { all: flags.all, signal: context.signal });
      context.stdout.write(formatListing(listing, rows, format));
      return 0;
    }
    const { watchStats } = await import("../stats/watch-stats.ts");
    const isTerminal = context.stdout.isTTY;
    await watchStats(engine, args, {
      all: flags.all,
      signal: context.signal,
      draw: (rows) => {
        const text = formatListing(listing, rows, format);
        // On a terminal each drawing goes over the one before it.
        context.stdout.write(isTerminal ? `\u001b[H${text.replaceAll("\n", "\u001b[K\n")}\u001b[J` : text);
      },
    });
    return 0;
  },
});

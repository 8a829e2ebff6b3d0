import { arity, command } from "../command.ts";
import { formatListing } from "../format/listing.ts";
import { historyListing } from "../format/listings/history.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "history [OPTIONS] IMAGE",
  summary: "Show the history of an image",
  aliases: ["image history", "history"],
  flags: {
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    human: bool("Print sizes and dates in human readable format", { short: "H", initial: true }),
    "no-trunc": bool("Don't truncate output"),
    quiet: bool("Only show image IDs", { short: "q" }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const items = await (await context.engine()).images.history(name);
    const listing = historyListing({ whole: flags["no-trunc"], human: flags.human, now: Date.now() });
    context.stdout.write(formatListing(listing, items, flags));
    return 0;
  },
});

import { arity, command } from "../command.ts";
import { bool, string } from "../flags/flag.ts";
import { formatListing } from "../format/listing.ts";
import { tokenListing } from "../format/listings/tokens.ts";

export default command({
  usage: "token ls [OPTIONS]",
  summary: "List tokens",
  flags: {
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    quiet: bool("Only display token IDs", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const tokens = await (await context.engine()).access.tokens();
    context.stdout.write(formatListing(tokenListing, tokens, flags));
    return 0;
  },
});

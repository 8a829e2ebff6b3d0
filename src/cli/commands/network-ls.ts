import { arity, command } from "../command.ts";
import { formatListing } from "../format/listing.ts";
import { networkListing } from "../format/listings/networks.ts";
import { naturalOrder } from "../format/natural-order.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list, string } from "../flags/flag.ts";

export default command({
  usage: "network ls [OPTIONS]",
  summary: "List networks",
  flags: {
    filter: list("Provide filter values (e.g. 'driver=bridge')", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    "no-trunc": bool("Do not truncate the output"),
    quiet: bool("Only display network IDs", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const networks = await (await context.engine()).networks.list({ filters: parseFilters(flags.filter) });
    const rows = networks.toSorted((a, b) => naturalOrder(a.Name, b.Name));
    const listing = networkListing({ whole: flags["no-trunc"] });
    context.stdout.write(formatListing(listing, rows, flags));
    return 0;
  },
});

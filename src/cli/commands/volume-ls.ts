import { arity, command } from "../command.ts";
import { formatListing } from "../format/listing.ts";
import { volumeListing } from "../format/listings/volumes.ts";
import { naturalOrder } from "../format/natural-order.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list, refused, string } from "../flags/flag.ts";

export default command({
  usage: "volume ls [OPTIONS]",
  summary: "List volumes",
  flags: {
    cluster: refused("cluster volumes need a swarm", { switch: true }),
    filter: list("Provide filter values (e.g. 'dangling=true')", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    quiet: bool("Only display volume names", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { Volumes } = await (await context.engine()).volumes.list({ filters: parseFilters(flags.filter) });
    const rows = Volumes.toSorted((a, b) => naturalOrder(a.Name, b.Name));
    context.stdout.write(formatListing(volumeListing, rows, flags));
    return 0;
  },
});

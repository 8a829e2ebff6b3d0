import { arity, command } from "../command.ts";
import { formatListing } from "../format/listing.ts";
import { containerListing } from "../format/listings/containers.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, integer, list, string } from "../flags/flag.ts";

export default command({
  usage: "ps [OPTIONS]",
  summary: "List containers",
  aliases: ["container ls", "container list", "container ps", "ps"],
  flags: {
    all: bool("Show all containers (default shows just running)", { short: "a" }),
    filter: list("Filter output based on conditions provided", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    last: integer("Show n last created containers (includes all states)", { short: "n" }),
    latest: bool("Show the latest created container (includes all states)", { short: "l" }),
    "no-trunc": bool("Don't truncate output"),
    quiet: bool("Only display container IDs", { short: "q" }),
    size: bool("Display total file sizes", { short: "s" }),
  },
  args: arity.none,
  async run({ flags, given }, context) {
    // As Docker: a template that shows sizes asks for them.
    const size = given.has("size") ? flags.size : /\.Size\b/.test(flags.format);
    const limit = flags.latest ? 1 : Math.max(0, flags.last ?? 0);
    const { containers } = await context.engine();
    const rows = await containers.list({
      all: flags.all,
      size,
      filters: parseFilters(flags.filter),
      ...(limit > 0 ? { limit } : {}),
    });
    const listing = containerListing({ whole: flags["no-trunc"], size, now: Date.now() });
    context.stdout.write(formatListing(listing, rows, flags));
    return 0;
  },
});

import { command } from "../command.ts";
import { formatListing } from "../format/listing.ts";
import { searchListing } from "../format/listings/search.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, integer, list, string } from "../flags/flag.ts";

export default command({
  usage: "search [OPTIONS] TERM",
  summary: "Search Docker Hub, or another registry, for images",
  flags: {
    filter: list("Filter output based on conditions provided", { short: "f", kind: "filter" }),
    format: string("Pretty-print search using a Go template"),
    limit: integer("Max number of search results"),
    "no-trunc": bool("Don't truncate output"),
  },
  args: { min: 1, max: 1 },
  async run({ flags, args: [term = ""] }, context) {
    const { registryAuth } = await import("../registry/auth.ts");
    const host = term.includes("/") ? (term.split("/", 1)[0] ?? "") : "";
    const auth = await registryAuth(context, /[.:]|^localhost$/.test(host) ? host : "docker.io");
    const { images } = await context.engine();
    const found = await images.search(term, {
      filters: parseFilters(flags.filter),
      ...(flags.limit !== undefined && { limit: flags.limit }),
      ...(auth !== undefined && { auth }),
      signal: context.signal,
    });
    const listing = searchListing(flags["no-trunc"]);
    context.stdout.write(formatListing(listing, found, { format: flags.format, quiet: false }));
    return 0;
  },
});

import { arity, command } from "../command.ts";
import { formatListing } from "../format/listing.ts";
import { imageListing, imageRows } from "../format/listings/images.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list, string } from "../flags/flag.ts";

export default command({
  usage: "images [OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  aliases: ["image ls", "image list", "images"],
  flags: {
    all: bool("Show all images (default hides intermediate images)", { short: "a" }),
    digests: bool("Show digests"),
    filter: list("Filter output based on conditions provided", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    "no-trunc": bool("Don't truncate output"),
    quiet: bool("Only show image IDs", { short: "q" }),
    tree: bool("List images with their platforms, as a tree"),
  },
  args: arity.upTo(1),
  async run({ flags, args: [reference] }, context) {
    const filters = parseFilters(
      reference === undefined ? flags.filter : [...flags.filter, `reference=${reference}`],
    );
    const images = await (
      await context.engine()
    ).images.list({ all: flags.all, filters, digests: flags.digests });
    const { format } = flags;
    if (flags.tree) {
      const { printImageTree } = await import("../disk/print-image-tree.ts");
      return await printImageTree(context, images, { isWhole: flags["no-trunc"], isJson: format === "json" });
    }
    const digests = flags.digests && format.startsWith("table ") && !format.includes("{{.Digest}}");
    const listing = imageListing({ whole: flags["no-trunc"], digests: flags.digests, now: Date.now() });
    const rows = images.flatMap((image) => imageRows(image, flags.digests || format.includes(".Digest")));
    const asked = { quiet: flags.quiet, format: digests ? `${format}\\t{{.Digest}}` : format };
    context.stdout.write(formatListing(listing, rows, asked));
    return 0;
  },
});

import { arity, command } from "../command.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "system df [OPTIONS]",
  summary: "Show disk usage",
  flags: {
    explain: bool("Name the owner of every byte under the engine's root; the sum is what du says"),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    verbose: bool("Show detailed information on space usage", { short: "v" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (flags.explain) {
      const { printExplanation } = await import("../disk/print-explanation.ts");
      return await printExplanation(context, flags.format);
    }
    const { system } = await context.engine();
    const usage = await system.dataUsage({ signal: context.signal });
    if (flags.verbose && (flags.format === "" || flags.format === "table")) {
      const { dataUsageDetails } = await import("../format/data-usage-details.ts");
      context.stdout.write(dataUsageDetails(usage, Date.now()));
    } else if (flags.verbose) {
      const { renderTemplate } = await import("../format/template.ts");
      const text = flags.format === "json" ? JSON.stringify(usage) : renderTemplate(flags.format, usage);
      context.stdout.write(`${text}\n`);
    } else {
      const [{ formatListing }, { dataUsageListing, usageRows }] = await Promise.all([
        import("../format/listing.ts"),
        import("../format/listings/data-usage.ts"),
      ]);
      const format = { format: flags.format, quiet: false };
      context.stdout.write(formatListing(dataUsageListing, usageRows(usage), format));
    }
    return 0;
  },
});

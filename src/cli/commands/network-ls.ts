import type { NetworkInspect } from "../../engine/types/network.ts";
import { arity, command } from "../command.ts";
import { shortId } from "../format/table.ts";
import { formatList, type Column } from "../format/output.ts";
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
    const id = ({ Id }: NetworkInspect) => (flags["no-trunc"] ? Id : shortId(Id));
    const rows = networks.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
    const columns: Column<NetworkInspect>[] = [
      { name: "ID", header: "NETWORK ID", value: id },
      { name: "Name", header: "NAME", value: ({ Name }) => Name },
      { name: "Driver", header: "DRIVER", value: ({ Driver }) => Driver },
      { name: "Scope", header: "SCOPE", value: ({ Scope }) => Scope },
    ];
    context.stdout.write(
      flags.quiet ? rows.map((row) => `${id(row)}\n`).join("") : formatList(flags.format, rows, columns),
    );
    return 0;
  },
});

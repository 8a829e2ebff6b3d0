import type { VolumeInspect } from "../../engine/types/volume.ts";
import { arity, command } from "../command.ts";
import { formatList, type Column } from "../format/output.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list, string } from "../flags/flag.ts";

const columns: Column<VolumeInspect>[] = [
  { name: "Driver", header: "DRIVER", value: ({ Driver }) => Driver },
  { name: "Name", header: "VOLUME NAME", value: ({ Name }) => Name },
];

export default command({
  usage: "volume ls [OPTIONS]",
  summary: "List volumes",
  flags: {
    filter: list("Provide filter values (e.g. 'dangling=true')", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    quiet: bool("Only display volume names", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { Volumes } = await (await context.engine()).volumes.list({ filters: parseFilters(flags.filter) });
    const names = Volumes.map(({ Name }) => `${Name}\n`).join("");
    context.stdout.write(flags.quiet ? names : formatList(flags.format, Volumes, columns));
    return 0;
  },
});

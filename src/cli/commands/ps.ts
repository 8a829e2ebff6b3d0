import type { ContainerSummary } from "../../engine/types/container.ts";
import { humanSize } from "../../internal/human-size.ts";
import { humanDuration } from "../../internal/human-duration.ts";
import { arity, command } from "../command.ts";
import { ellipsis, shortId } from "../format/table.ts";
import { formatList, type Column } from "../format/output.ts";
import { portText } from "../format/ports.ts";
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
  async run({ flags }, context) {
    const limit = flags.latest ? 1 : Math.max(0, flags.last ?? 0);
    const { containers } = await context.engine();
    const rows = await containers.list({
      all: flags.all,
      size: flags.size,
      filters: parseFilters(flags.filter),
      ...(limit > 0 ? { limit } : {}),
    });
    if (flags.quiet) {
      for (const { Id } of rows) context.stdout.write(`${flags["no-trunc"] ? Id : shortId(Id)}\n`);
      return 0;
    }
    const all = columns(flags["no-trunc"], Date.now());
    const shown = [
      "ID",
      "Image",
      "Command",
      "RunningFor",
      "Status",
      "Ports",
      "Names",
      ...(flags.size ? ["Size"] : []),
    ];
    const usual = shown
      .map((name) => all.find((column) => column.name === name))
      .filter((column) => column !== undefined);
    context.stdout.write(formatList(flags.format, rows, usual, all));
    return 0;
  },
});

function columns(whole: boolean, now: number): Column<ContainerSummary>[] {
  const names = (row: ContainerSummary) => row.Names.map((name) => name.replace(/^\//, "")).join(",");
  return [
    { name: "ID", header: "CONTAINER ID", value: ({ Id }) => (whole ? Id : shortId(Id)) },
    { name: "Image", header: "IMAGE", value: ({ Image }) => (whole ? Image : Image.replace(/^sha256:/, "")) },
    {
      name: "Command",
      header: "COMMAND",
      value: ({ Command }) => JSON.stringify(whole ? Command : ellipsis(Command, 20)),
    },
    {
      name: "CreatedAt",
      header: "CREATED AT",
      value: ({ Created }) => new Date(Created * 1000).toISOString(),
    },
    {
      name: "RunningFor",
      header: "CREATED",
      value: ({ Created }) => `${humanDuration(now - Created * 1000)} ago`,
    },
    { name: "Status", header: "STATUS", value: ({ Status }) => Status },
    { name: "State", header: "STATE", value: ({ State }) => State },
    { name: "Ports", header: "PORTS", value: ({ Ports }) => portText(Ports) },
    { name: "Names", header: "NAMES", value: names },
    { name: "Size", header: "SIZE", value: ({ SizeRw }) => humanSize(SizeRw ?? 0, 3) },
    {
      name: "Labels",
      header: "LABELS",
      value: ({ Labels }) =>
        Object.entries(Labels)
          .map(([k, v]) => `${k}=${v}`)
          .join(","),
    },
    {
      name: "Networks",
      header: "NETWORKS",
      value: (row) => Object.keys(row.NetworkSettings.Networks).join(","),
    },
    {
      name: "Mounts",
      header: "MOUNTS",
      value: ({ Mounts }) => Mounts.map((m) => m.Name ?? m.Source).join(","),
    },
    {
      name: "LocalVolumes",
      header: "LOCAL VOLUMES",
      value: ({ Mounts }) => String(Mounts.filter((m) => m.Driver === "local").length),
    },
  ];
}

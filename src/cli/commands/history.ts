import type { ImageHistoryItem } from "../../engine/types/image.ts";
import { humanDuration } from "../../internal/human-duration.ts";
import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { ellipsis, shortId } from "../format/table.ts";
import { formatList, type Column } from "../format/output.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "history [OPTIONS] IMAGE",
  summary: "Show the history of an image",
  aliases: ["image history", "history"],
  flags: {
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    human: bool("Print sizes and dates in human readable format", { short: "H", initial: true }),
    "no-trunc": bool("Don't truncate output"),
    quiet: bool("Only show image IDs", { short: "q" }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const items = await (await context.engine()).images.history(name);
    const all = columns(flags["no-trunc"], flags.human, Date.now());
    if (flags.quiet) {
      for (const item of items) context.stdout.write(`${all[0]?.value(item)}\n`);
      return 0;
    }
    context.stdout.write(
      formatList(
        flags.format,
        items,
        all.filter(({ name }) => name !== (flags.human ? "CreatedAt" : "CreatedSince")),
        all,
      ),
    );
    return 0;
  },
});

function columns(whole: boolean, human: boolean, now: number): Column<ImageHistoryItem>[] {
  const by = (text: string) => text.replaceAll("\t", " ");
  return [
    { name: "ID", header: "IMAGE", value: ({ Id }) => (whole || Id === "<missing>" ? Id : shortId(Id)) },
    {
      name: "CreatedSince",
      header: "CREATED",
      value: ({ Created }) => (Created <= 0 ? "N/A" : `${humanDuration(now - Created * 1000)} ago`),
    },
    {
      name: "CreatedAt",
      header: "CREATED AT",
      value: ({ Created }) => new Date(Created * 1000).toISOString().replace(".000Z", "Z"),
    },
    {
      name: "CreatedBy",
      header: "CREATED BY",
      value: ({ CreatedBy }) => (whole ? by(CreatedBy) : ellipsis(by(CreatedBy), 45)),
    },
    { name: "Size", header: "SIZE", value: ({ Size }) => (human ? humanSize(Size, 3) : String(Size)) },
    { name: "Comment", header: "COMMENT", value: ({ Comment }) => Comment },
  ];
}

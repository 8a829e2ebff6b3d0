import { arity, command } from "../command.ts";
import { formatTable } from "../format/table.ts";
import { bool } from "../flags/flag.ts";
import { humanDuration } from "../../internal/human-duration.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

export default command({
  usage: "builds [ls] [OPTIONS]",
  summary: "List builds",
  aliases: ["builds", "builds ls"],
  flags: { quiet: bool("Only show IDs", { short: "q" }) },
  args: arity.none,
  async run({ flags }, context) {
    const builds = await (await context.engine()).builds.list();
    if (flags.quiet) context.stdout.write(builds.map(({ id }) => `${id}\n`).join(""));
    else {
      const rows = builds.map(({ id, tags, project, outcome, startedAt, durationMs, steps }) => [
        id,
        sanitizeLine(tags[0] ?? project.split("\n")[0] ?? ""),
        outcome,
        `${steps.filter((step) => step.outcome === "hit").length}/${steps.length}`,
        `${(durationMs / 1000).toFixed(1)}s`,
        `${humanDuration(Date.now() - startedAt)} ago`,
      ]);
      context.stdout.write(formatTable(["BUILD ID", "NAME", "RESULT", "HITS", "DURATION", "CREATED"], rows));
    }
    return 0;
  },
});

import type { EngineEvent } from "../../engine/types/event.ts";
import { arity, command } from "../command.ts";
import { renderTemplate } from "../format/template.ts";
import { parseFilters } from "../flags/filters.ts";
import { list, string } from "../flags/flag.ts";
import { parseTime } from "../flags/time.ts";

export default command({
  usage: "events [OPTIONS]",
  summary: "Get real time events from the engine",
  aliases: ["system events", "events"],
  flags: {
    filter: list("Filter output based on conditions provided", { short: "f", kind: "filter" }),
    format: string("Format output using a custom template: 'json' or TEMPLATE"),
    since: string("Show all events created since timestamp"),
    until: string("Stream events until this timestamp"),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { system } = await context.engine();
    const filter = {
      filters: parseFilters(flags.filter),
      ...(flags.since === "" ? {} : { since: parseTime(flags.since, Date.now()) }),
      ...(flags.until === "" ? {} : { until: parseTime(flags.until, Date.now()) }),
    };
    for await (const event of system.events(filter, { signal: context.signal })) {
      context.stdout.write(`${shown(event, flags.format)}\n`);
    }
    return 0;
  },
});

function shown(event: EngineEvent, format: string): string {
  if (format === "json") return JSON.stringify(event);
  if (format !== "") return renderTemplate(format, event);
  const attributes = Object.entries(event.Actor.Attributes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const list =
    attributes.length === 0 ? "" : ` (${attributes.map(([key, value]) => `${key}=${value}`).join(", ")})`;
  const seconds = new Date(event.time * 1000).toISOString().slice(0, 19);
  const time = `${seconds}.${String(event.timeNano % 1e9).padStart(9, "0")}Z`;
  return `${time} ${event.Type} ${event.Action} ${event.Actor.ID}${list}`;
}

import { arity, command } from "../command.ts";
import { ContextStore } from "../contexts/context-store.ts";
import { DEFAULT_CONTEXT } from "../contexts/resolve-endpoint.ts";
import { bool, string } from "../flags/flag.ts";
import { formatListing } from "../format/listing.ts";
import { contextListing } from "../format/listings/contexts.ts";
import { defaultSocket } from "../paths.ts";

export default command({
  usage: "context ls [OPTIONS]",
  summary: "List contexts",
  flags: {
    format: string("Format output using a custom template: 'table', 'table TEMPLATE', 'json' or TEMPLATE"),
    quiet: bool("Only show context names", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const store = new ContextStore(context.configDirectory);
    const current = store.current() ?? DEFAULT_CONTEXT;
    const local = {
      name: DEFAULT_CONTEXT,
      description: "The engine on this machine",
      endpoint: { host: `unix://${defaultSocket(context.global.root, context.env)}` },
    };
    const rows = [local, ...store.list()].map((one) => ({
      ...one,
      current: one.name === current,
      // Scripts that want names want nothing else.
      marked: one.name === current && isTable(flags),
    }));
    context.stdout.write(formatListing(contextListing, rows, flags));
    return 0;
  },
});

function isTable({ quiet, format }: { quiet: boolean; format: string }): boolean {
  return !quiet && /^($|table)/.test(format);
}

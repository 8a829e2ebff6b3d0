import { resolve } from "node:path";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { groupOf, modeOf } from "../engine/listen-addresses.ts";
import { bool, list, optional, string } from "../flags/flag.ts";
import { forEach } from "../for-each.ts";
import { formatListing } from "../format/listing.ts";
import { socketListing } from "../format/listings/tokens.ts";

export default command({
  usage: "engine socket add|ls|rm [OPTIONS] [PATH...]",
  summary: "Manage sockets that allow a part of what the engine does",
  flags: {
    scope: list("add: what it allows: containers:read, logs, images, … or * (comma separated)"),
    label: list("add: only what has this label is seen and touched: key=value", { short: "l" }),
    group: optional("add: group of the socket"),
    "socket-mode": optional("add: mode of the socket (default 660)"),
    format: string("ls: format output using a custom template"),
    quiet: bool("ls: only display paths", { short: "q" }),
  },
  args: arity.atLeast(1),
  async run({ flags, args: [verb, ...paths] }, context) {
    switch (verb) {
      case "add":
        return await add(flags, paths, context);
      case "ls":
        context.stdout.write(
          formatListing(socketListing, await (await context.engine()).access.sockets(), flags),
        );
        return 0;
      case "rm":
        return await remove(paths, context);
      default:
        throw new ExitError(1, `slipway: unknown command: slipway engine socket ${verb}`);
    }
  },
});

interface AddFlags {
  readonly scope: readonly string[];
  readonly label: readonly string[];
  readonly group: string | undefined;
  readonly "socket-mode": string | undefined;
}

async function add(flags: AddFlags, paths: readonly string[], context: CliContext): Promise<number> {
  const allow = flags.scope.flatMap((words) => words.split(",")).filter(Boolean);
  const group = groupOf(flags.group);
  const mode = modeOf(flags) ?? 0o660;
  const { access } = await context.engine();
  return await forEach(paths, context, async (path) => {
    const socket = { path: resolve(path), allow, labels: flags.label, mode };
    await access.addSocket({ ...socket, ...(group !== undefined && { group }) });
    return resolve(path);
  });
}

async function remove(paths: readonly string[], context: CliContext): Promise<number> {
  const { access } = await context.engine();
  return await forEach(paths, context, async (path) => {
    await access.removeSocket(resolve(path));
    return resolve(path);
  });
}

import { didYouMean } from "../dockerfile/suggest.ts";
import { SlipwayError } from "../errors.ts";
import { groups, commands, verbAliases, type CommandTable } from "./command-table.ts";
import { ExitError, type Command } from "./command.ts";
import { createContext, type ProcessWorld } from "./context.ts";
import { exitCodeOf } from "./exit-code.ts";
import { parseFlags, UsageError } from "./flags/parse-flags.ts";
import { bool, type FlagValues } from "./flags/flag.ts";
import { globalFlags } from "./global-flags.ts";
import { commandHelp, listing } from "./help.ts";
import { remoteMessage } from "./remote-error.ts";
import { programVersion } from "./version.ts";

/** Runs one command line and resolves to the exit code. `words`: what stands behind the program's name. */
export async function main(words: readonly string[], world: ProcessWorld): Promise<number> {
  try {
    const { flags, args } = parseFlags(words, globalFlags, { interspersed: false });
    if (flags.version) return print(world, `Slipway version ${programVersion}\n`);
    if (flags.help || args.length === 0) return print(world, overview());
    return await dispatch(args, flags, world);
  } catch (error) {
    return report(error, world);
  }
}

type Global = FlagValues<typeof globalFlags>;

async function dispatch(args: readonly string[], global: Global, world: ProcessWorld): Promise<number> {
  const [name = "", ...rest] = args;
  if (name === "help") return await dispatch([...rest, "--help"], global, world);
  const group = groups[name];
  if (group !== undefined && Object.hasOwn(groups, name))
    return await dispatchVerb(name, group.verbs, withVerb(group.bare, rest), global, world);
  const entry = commands[name];
  if (entry === undefined || !Object.hasOwn(commands, name)) {
    if (name === "--help") return print(world, overview());
    const near = didYouMean(name, [...Object.keys(commands), ...Object.keys(groups)]);
    const advice = "Run 'slipway --help' for more information";
    throw new ExitError(1, `slipway: unknown command: slipway ${name}${near}\n\n${advice}`);
  }
  return await execute(await entry.load(), rest, global, world);
}

/** A group may stand for one of its verbs when none is given: `slipway builds` is `slipway builds ls`. */
function withVerb(bare: string | undefined, args: readonly string[]): readonly string[] {
  const isBare = args.length === 0 || (args[0]?.startsWith("-") === true && args[0] !== "--help");
  return bare !== undefined && isBare ? [bare, ...args] : args;
}

async function dispatchVerb(
  group: string,
  verbs: CommandTable,
  args: readonly string[],
  global: Global,
  world: ProcessWorld,
): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined || word === "--help") return print(world, groupOverview(group, verbs));
  const verb = Object.hasOwn(verbs, word) ? word : (verbAliases[word] ?? "");
  const entry = verbs[verb];
  if (entry === undefined) {
    const advice = `Run 'slipway ${group} --help' for more information`;
    const near = didYouMean(word, Object.keys(verbs));
    const what = `slipway: unknown command: slipway ${group} ${word}${near}`;
    throw new ExitError(1, `${what}\n\nUsage:  slipway ${group}\n\n${advice}`);
  }
  return await execute(await entry.load(), rest, global, world);
}

async function execute(
  command: Command,
  words: readonly string[],
  global: Global,
  world: ProcessWorld,
): Promise<number> {
  const help = command.flags["help"] ?? bool("Print usage");
  const parsed = parseWords(command, { ...command.flags, help }, words);
  if (parsed.flags["help"] === true) return print(world, commandHelp(command));
  checkArity(command, parsed.args.length);
  const context = createContext(world, global);
  try {
    return await command.run(parsed, context);
  } catch (error) {
    // Found wrong while it ran, not by the grammar: Docker says so without the usage.
    if (error instanceof UsageError) throw new ExitError(1, error.message, { cause: error });
    if (context.askedEngine || !(error instanceof SlipwayError)) throw error;
    // No daemon was asked, so it is none that answers.
    throw new ExitError(exitCodeOf(error), error.message, { cause: error });
  } finally {
    await context[Symbol.asyncDispose]();
  }
}

function parseWords(command: Command, flags: Command["flags"], words: readonly string[]) {
  try {
    return parseFlags(words, flags, { interspersed: command.interspersed ?? true });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ExitError(125, `${error.message}\n\n${usageHint(command)}`, { cause: error });
  }
}

function usageHint(command: Command, verb: "Run" | "See" = "Run"): string {
  return `Usage:  slipway ${command.usage}\n\n${verb} 'slipway ${path(command)} --help' for more information`;
}

function path(command: Command): string {
  return command.usage.slice(0, command.usage.search(/ [A-Z[]|$/));
}

function checkArity(command: Command, count: number): void {
  const { min, max } = command.args;
  if (count >= min && count <= max) return;
  const words = (n: number) => `${n} argument${n === 1 ? "" : "s"}`;
  // As Docker's client words each.
  const isTooFew = count < min && min !== max;
  const wanted =
    max === 0
      ? "accepts no arguments"
      : min === max
        ? `requires ${words(min)}`
        : isTooFew
          ? `requires at least ${words(min)}`
          : `requires at most ${words(max)}`;
  throw new ExitError(
    1,
    `slipway: 'slipway ${path(command)}' ${wanted}\n\n${usageHint(command, isTooFew ? "See" : "Run")}`,
  );
}

function report(error: unknown, world: ProcessWorld): number {
  if (error instanceof ExitError) {
    if (error.message !== "") world.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof UsageError) {
    const usage = "Usage:  slipway [OPTIONS] COMMAND [ARG...]";
    world.stderr.write(`${error.message}\n\n${usage}\n\nRun 'slipway --help' for more information\n`);
    return 125;
  }
  world.stderr.write(`${remoteMessage(error)}\n`);
  if (world.env["SLIPWAY_DEBUG"] && error instanceof Error) world.stderr.write(`${error.stack}\n`);
  return exitCodeOf(error);
}

function print(world: ProcessWorld, text: string): number {
  world.stdout.write(text);
  return 0;
}

function overview(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary] as const);
  const managed = Object.entries(groups).map(([name, { summary }]) => [name, summary] as const);
  const byName = (a: readonly [string, string], b: readonly [string, string]) => (a[0] < b[0] ? -1 : 1);
  return `Usage:  slipway [OPTIONS] COMMAND

Builds, stores, ships and runs container images

Management Commands:
${listing(managed.toSorted(byName))}

Commands:
${listing(rows.toSorted(byName))}

Options:
${listing(Object.entries(globalFlags).map(([name, flag]) => [`${flag.short ? `-${flag.short}, ` : "    "}--${name}`, flag.help] as const))}

Run 'slipway COMMAND --help' for more information on a command.
`;
}

function groupOverview(group: string, verbs: CommandTable): string {
  const rows = Object.entries(verbs).map(([name, { summary }]) => [name, summary] as const);
  return `Usage:  slipway ${group} COMMAND\n\n${groups[group]?.summary ?? ""}\n\nCommands:\n${listing(rows)}\n\nRun 'slipway ${group} COMMAND --help' for more information on a command.\n`;
}

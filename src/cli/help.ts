import type { Command } from "./command.ts";
import type { Flag } from "./flags/flag.ts";

/** `--help` of one command, in Docker's layout. Pure. */
export function commandHelp(command: Command): string {
  const parts = [`Usage:  slipway ${command.usage}`, command.summary];
  if (command.aliases !== undefined) {
    parts.push(`Aliases:\n  ${command.aliases.map((alias) => `slipway ${alias}`).join(", ")}`);
  }
  const options = flagLines(command);
  if (options.length > 0) parts.push(`Options:\n${options.join("\n")}`);
  return `${parts.join("\n\n")}\n`;
}

function flagLines(command: Command): string[] {
  const names = Object.keys(command.flags)
    .filter((name) => command.flags[name]?.hidden !== true)
    .toSorted();
  const rows = names.map((name) => ({
    head: flagHead(name, command.flags[name]),
    help: command.flags[name]?.help ?? "",
  }));
  const width = Math.max(0, ...rows.map((row) => row.head.length));
  return rows.map((row) => `${row.head.padEnd(width)}   ${row.help}`.trimEnd());
}

function flagHead(name: string, flag: Flag<unknown> | undefined): string {
  const short = flag?.short === undefined ? "     " : ` -${flag.short},`;
  return ` ${short} --${name}${flag?.kind ? ` ${flag.kind}` : ""}`;
}

/** Two columns: names and what they do. */
export function listing(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join("\n");
}

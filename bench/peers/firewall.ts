import { run, tryRun } from "../command.ts";
import { findProgram } from "./find-program.ts";

const tables = ["filter", "nat"] as const;

/**
 * The host's iptables rules as they are now. `restore` takes away what was added since, and sets the policies back:
 * dockerd and Podman leave their chains behind when they end, and dockerd may close FORWARD for everybody.
 */
export class Firewall {
  readonly #before = new Map<string, ReadonlySet<string>>();
  readonly #iptables = findProgram("iptables");

  constructor() {
    for (const table of tables) this.#before.set(table, new Set(this.#rules(table)));
  }

  restore(): void {
    for (const table of tables) {
      const before = this.#before.get(table) ?? new Set();
      const now = this.#rules(table);
      const added = now.filter((rule) => !before.has(rule));
      for (const rule of added.filter((line) => line.startsWith("-A ")))
        this.#apply(table, `-D${rule.slice(2)}`);
      for (const rule of added.filter((line) => line.startsWith("-N ")))
        this.#apply(table, `-X${rule.slice(2)}`);
      for (const rule of before) if (rule.startsWith("-P ") && !now.includes(rule)) this.#apply(table, rule);
    }
  }

  #rules(table: string): string[] {
    if (this.#iptables === undefined) return [];
    return (tryRun({ argv: [this.#iptables, "-t", table, "-S"] }) ?? "").split("\n").filter(Boolean);
  }

  #apply(table: string, rule: string): void {
    run({ argv: [this.#iptables ?? "", "-t", table, ...words(rule)] });
  }
}

/** The words of a rule as iptables prints it: some stand in quotes. */
function words(rule: string): string[] {
  return [...rule.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

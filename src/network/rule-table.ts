import { commandOutput } from "../internal/run-command.ts";
import type { Home } from "./home.ts";
import { addText, deleteText, tableText, type Element } from "./rules.ts";

interface Change {
  readonly text: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The nftables table of this engine, `inet <name>`. Changes asked for while one is being loaded go together in the next
 * transaction; one that the kernel refuses is then found by loading each by itself. The table outlives the engine.
 */
export class RuleTable {
  readonly name: string;
  readonly #home: Home;
  #waiting: Change[] = [];
  #busy = false;

  constructor(name: string, home: Home) {
    this.name = name;
    this.#home = home;
  }

  /** Makes the table anew with just these elements, in one transaction: no packet sees it empty. */
  async replace(elements: readonly Element[]): Promise<void> {
    await this.#load(tableText(this.name) + addText(this.name, elements));
  }

  async add(elements: readonly Element[]): Promise<void> {
    if (elements.length > 0) await this.#load(addText(this.name, elements));
  }

  /** Idempotent. */
  async delete(elements: readonly Element[]): Promise<void> {
    if (elements.length > 0) await this.#load(deleteText(this.name, elements));
  }

  /** Removes the table with all its rules. Idempotent. */
  async remove(): Promise<void> {
    await this.#load(`add table inet ${this.name}\ndelete table inet ${this.name}\n`);
  }

  #load(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const changes = this.#waiting;
      this.#waiting = [];
      await loadTogether(this.#home, changes);
    }
    this.#busy = false;
  }
}

async function loadTogether(home: Home, changes: readonly Change[]): Promise<void> {
  try {
    await nft(home, changes.map((change) => change.text).join(""));
    for (const change of changes) change.resolve();
  } catch (error) {
    if (changes.length === 1) changes[0]?.reject(error);
    else for (const change of changes) await nft(home, change.text).then(change.resolve, change.reject);
  }
}

async function nft(home: Home, text: string): Promise<void> {
  await commandOutput(home.command(["nft", "-f", "-"]), { input: text });
}

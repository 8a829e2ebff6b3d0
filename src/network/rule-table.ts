import { JointWork } from "../internal/joint-work.ts";
import { commandOutput } from "../internal/run-command.ts";
import type { Home } from "./home.ts";
import { addText, deleteText, tableText, type Element } from "./rules.ts";

/**
 * The nftables table of this engine, `inet <name>`. Changes asked for while one is being loaded go together in the next
 * transaction; one that the kernel refuses is then found by loading each by itself. The table outlives the engine.
 */
export class RuleTable {
  readonly name: string;
  readonly #changes: JointWork<string>;

  constructor(name: string, home: Home) {
    this.name = name;
    // A transaction the kernel refuses has changed nothing.
    this.#changes = new JointWork({
      together: (texts) => nft(home, texts.join("")),
      alone: (text) => nft(home, text),
    });
  }

  /** Makes the table anew with just these elements, in one transaction: no packet sees it empty. */
  async replace(elements: readonly Element[]): Promise<void> {
    await this.#changes.add(tableText(this.name) + addText(this.name, elements));
  }

  async add(elements: readonly Element[]): Promise<void> {
    if (elements.length > 0) await this.#changes.add(addText(this.name, elements));
  }

  /** Idempotent. */
  async delete(elements: readonly Element[]): Promise<void> {
    if (elements.length > 0) await this.#changes.add(deleteText(this.name, elements));
  }

  /** Removes the table with all its rules. Idempotent. */
  async remove(): Promise<void> {
    await this.#changes.add(`add table inet ${this.name}\ndelete table inet ${this.name}\n`);
  }
}

async function nft(home: Home, text: string): Promise<void> {
  await commandOutput(home.command(["nft", "-f", "-"]), { input: text });
}

import { runCommand } from "../internal/run-command.ts";
import type { BridgeDriverOptions } from "./bridge-driver.ts";
import { Home } from "./home.ts";
import { deleteLink, removeIdleBridge } from "./links.ts";
import { NameServer } from "./name-server.ts";
import { RuleTable } from "./rule-table.ts";

/**
 * Removes what a {@link BridgeDriver} of these options has in the kernel, told by its table alone: bridges, rules, name
 * server; and the link `bridge`, if nothing is plugged into it. For a root whose records cannot be read. Idempotent.
 */
export async function clearNetwork(
  { table, dnsDirectory, home = new Home() }: BridgeDriverOptions,
  bridge: string,
): Promise<void> {
  for (const link of await bridgesOf(home, table)) await deleteLink(home, link);
  // Made, and not in the table yet. One that others use is not ours.
  await removeIdleBridge(home, bridge).catch(() => undefined);
  await new RuleTable(table, home).remove();
  if (dnsDirectory !== undefined) await NameServer.find(dnsDirectory, home)?.stop();
}

/** The links that the table calls bridges; none without such a table. */
async function bridgesOf(home: Home, table: string): Promise<string[]> {
  const { code, stdout } = await runCommand(home.command(["nft", "list", "set", "inet", table, "bridges"]));
  const [, elements = ""] = /elements = \{([^}]*)\}/.exec(code === 0 ? stdout : "") ?? [];
  return [...elements.matchAll(/"([^"]+)"/g)].map(([, link = ""]) => link);
}

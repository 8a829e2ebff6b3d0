import type { ContainerHost } from "./host.ts";
import { splitLinkName, withoutLink } from "./link-names.ts";
import { changeNetworkFiles } from "./network-files.ts";
import { isActive } from "./record.ts";

/**
 * Removes the legacy link `container/alias`: both containers stay, and one that runs finds the other by the alias no
 * more. Throws `not_found` when there is no such link.
 */
export async function removeLink(host: ContainerHost, path: string): Promise<void> {
  host.store.get(path);
  const [name, alias] = splitLinkName(path);
  const { id } = host.store.get(name);
  using _lock = await host.locks.lock(id);
  const record = host.store.get(id);
  const change = () => {
    record.hostConfig = { ...record.hostConfig, Links: withoutLink(record, alias) };
  };
  if (isActive(record)) await changeNetworkFiles(host, record, change);
  else change();
  host.store.put(record);
}

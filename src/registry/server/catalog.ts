import { keys } from "./keys.ts";
import type { StorageDriver } from "./storage-driver.ts";

/**
 * The repositories that have a manifest or a tag, sorted by path component, those after `last`. Walks the storage,
 * so it costs a listing for each folder before the ones returned.
 */
export async function* listRepositories(storage: StorageDriver, last = ""): AsyncIterable<string> {
  for await (const { repository, names } of walkRepositories(storage))
    if (repository > last && names.includes("_manifests")) yield repository;
}

/** Every folder below the repositories that may be one, with the names in it. */
export async function* walkRepositories(
  storage: StorageDriver,
  parent = "",
): AsyncIterable<{ repository: string; names: readonly string[] }> {
  const names = await storage.children(parent === "" ? keys.repositories : `${keys.repositories}/${parent}`);
  if (parent !== "") yield { repository: parent, names };
  for (const name of names) {
    if (!name.startsWith("_")) yield* walkRepositories(storage, parent === "" ? name : `${parent}/${name}`);
  }
}

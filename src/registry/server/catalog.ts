import { keys } from "./keys.ts";
import type { StorageDriver } from "./storage-driver.ts";

/**
 * The repositories that have a manifest or a tag, sorted by path component, those after `last`. Walks the storage,
 * so it costs a listing for each folder before the ones returned.
 */
export async function* listRepositories(storage: StorageDriver, last = ""): AsyncIterable<string> {
  for await (const repository of walk(storage, "")) if (repository > last) yield repository;
}

async function* walk(storage: StorageDriver, parent: string): AsyncIterable<string> {
  const names = await storage.children(parent === "" ? keys.repositories : `${keys.repositories}/${parent}`);
  if (parent !== "" && names.includes("_manifests")) yield parent;
  for (const name of names) {
    if (!name.startsWith("_")) yield* walk(storage, parent === "" ? name : `${parent}/${name}`);
  }
}

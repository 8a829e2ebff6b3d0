import { walkRepositories } from "./catalog.ts";
import { keys } from "./keys.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** Drops uploads that nobody has added to since `before`, and what broken writes left. Returns how many uploads. */
export async function purgeUploads(storage: StorageDriver, before: Date): Promise<number> {
  let dropped = 0;
  await storage.sweep(before);
  for await (const { repository, names } of walkRepositories(storage)) {
    if (!names.includes("_uploads")) continue;
    for (const id of await storage.children(keys.uploads(repository))) {
      const written = await storage.modified(keys.upload(repository, id));
      if (written !== undefined && written < before && (await storage.delete(keys.upload(repository, id))))
        dropped += 1;
    }
  }
  return dropped;
}

/** Asks again every 20 ms until it is true. Throws when it is not in `limit` ms, which a slow machine must not need. */
export async function until(what: () => boolean | Promise<boolean>, limit = 60_000): Promise<void> {
  for (const deadline = Date.now() + limit; Date.now() < deadline;) {
    if (await what()) return;
    await Bun.sleep(20);
  }
  throw new Error("it did not come true in time");
}

/** Waits for all, also when one fails, and throws the first failure then: what runs on after an error could undo the cleaning up. */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

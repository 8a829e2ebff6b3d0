import { contentStoreContract } from "./content-store.contract.ts";
import { MemoryContentStore } from "./memory-content-store.ts";

contentStoreContract("MemoryContentStore", async () => {
  const store = new MemoryContentStore();
  return {
    store,
    corrupt: async (digest, how) =>
      store.corrupt(digest, (bytes) => {
        if (how === "cut") return bytes.subarray(0, bytes.length - 1);
        bytes[7] = (bytes[7] ?? 0) ^ 1;
        return bytes;
      }),
    [Symbol.asyncDispose]: async () => {},
  };
});

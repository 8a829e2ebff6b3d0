/**
 * Hash of `data`, in hex. Bun's own hasher is there at once, where `node:crypto` takes 5 ms to load: half of a short
 * command. On Node, where the library runs too, `node:crypto` stands in.
 */
export function hashHex(algorithm: "sha256" | "sha512", data: string | Uint8Array): string {
  if (typeof Bun !== "undefined") return new Bun.CryptoHasher(algorithm).update(data).digest("hex");
  return process.getBuiltinModule("node:crypto").createHash(algorithm).update(data).digest("hex");
}

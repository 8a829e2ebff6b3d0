import { createHash } from "node:crypto";
import { expect, test } from "bun:test";
import { hashHex } from "./hash.ts";

test("hashHex equals node:crypto's hash of the same text and bytes", () => {
  for (const data of ["", "slipway", "schön", new Uint8Array([0, 255, 10])])
    for (const algorithm of ["sha256", "sha512"] as const)
      expect(hashHex(algorithm, data)).toBe(createHash(algorithm).update(data).digest("hex"));
});

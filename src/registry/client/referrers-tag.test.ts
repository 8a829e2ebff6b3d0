import { expect, test } from "bun:test";
import { digestOf } from "../../oci/digest.ts";
import { referrersTag } from "./referrers-tag.ts";

test("referrersTag() is the algorithm and 64 characters of the digest (Referrers Tag Schema)", () => {
  for (const algorithm of ["sha256", "sha512"] as const) {
    const digest = digestOf("subject", algorithm);
    const encoded = digest.slice(algorithm.length + 1, algorithm.length + 65);
    expect(referrersTag(digest)).toBe(`${algorithm}-${encoded}`);
  }
});

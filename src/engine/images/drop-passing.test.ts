import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageRecords } from "../../image/image-records.ts";
import { digestOf } from "../../oci/digest.ts";
import { State } from "../../state/state.ts";
import { dropPassing } from "./drop-passing.ts";

test("dropPassing() takes images away that have a passing name alone, and that name from others", () => {
  const root = mkdtempSync(join(tmpdir(), "drop-passing-"));
  const state = State.open(join(root, "state.db"));
  try {
    const records = new ImageRecords(state.db);
    const [lone, named, used] = ["lone", "named", "used"].map((word) => digestOf(Buffer.from(word)));
    if (lone === undefined || named === undefined || used === undefined) throw new Error("No digests");
    const tag = (reference: string, image: typeof lone): void => {
      const manifest = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: image, size: 1 };
      const at = new Date();
      if (records.get(image) === undefined)
        records.insert({ id: image, manifest, config: "{}", createdAt: at });
      records.setTag({ reference, image, target: manifest, updatedAt: at });
    };
    tag("slipway.invalid/build-1:latest", lone);
    tag("slipway.invalid/build-2:latest", named);
    tag("docker.io/library/app:latest", named);
    tag("slipway.invalid/build-3:latest", used);
    const images = {
      records,
      untag: (name: string) => records.deleteTag(name),
      delete: (id: typeof lone) => records.delete(id),
    };
    const containersOf = (id: string) => (id === used ? [{ id: "c", running: false }] : []);
    // Of one build: only what it made itself.
    const one = new Set(["slipway.invalid/build-2:latest", "slipway.invalid/build-4:latest"]);
    const before = digestOf(Buffer.from("before"));
    tag("slipway.invalid/build-4:latest", before);
    dropPassing({ images, containersOf }, { names: one, made: new Set([named]) });
    expect(records.get(before)).toBeDefined();
    expect(records.tags().map(({ reference }) => reference)).toEqual([
      "docker.io/library/app:latest",
      "slipway.invalid/build-1:latest",
      "slipway.invalid/build-3:latest",
    ]);
    records.delete(before);
    tag("slipway.invalid/build-2:latest", named);
    dropPassing({ images, containersOf });
    expect(records.tags().map(({ reference }) => reference)).toEqual(["docker.io/library/app:latest"]);
    expect(
      records
        .list()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual([named, used].toSorted());
  } finally {
    state[Symbol.dispose]();
    rmSync(root, { recursive: true });
  }
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Differ } from "../../layer/differ.ts";
import type { ContentStore } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { DiffID } from "../../oci/digest.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";

/**
 * What a build step leaves: a committed snapshot `name` with one file `file` on top of `parent`, and no blob. Returns
 * its layer as a build's manifest lists it. For tests.
 */
export async function buildLayer(
  parts: { readonly snapshotter: Snapshotter; readonly differ: Differ; readonly content: ContentStore },
  name: string,
  file: { readonly name: string; readonly content: string | Uint8Array },
  parent?: string,
): Promise<{ layer: Descriptor; diffID: DiffID }> {
  const { snapshotter, differ, content } = parts;
  const mounts = await snapshotter.prepare(`${name}-active`, parent);
  const upper = mounts[0]?.options
    .find((option) => option.startsWith("upperdir="))
    ?.slice("upperdir=".length);
  await writeFile(join(upper ?? mounts[0]?.source ?? "", file.name), file.content);
  const packed = await differ.compare(mounts);
  await snapshotter.commit(name, `${name}-active`);
  await content.delete(packed.layer.digest);
  return packed;
}

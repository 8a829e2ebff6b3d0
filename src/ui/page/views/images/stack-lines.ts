import type { ImageHistoryItem } from "../../../../engine/types/image.ts";
import type { ImageLayer } from "../../../../engine/types/image-layers.ts";
import type { StackLine } from "./layer-list.tsx";

/**
 * The image's history, oldest first, with the layer each line made: lines and layers come in the same order, and a
 * layer names its line. Layers without one stand on their own. Pure.
 */
export function stackLines(history: readonly ImageHistoryItem[], layers: readonly ImageLayer[]): StackLine[] {
  const lines: StackLine[] = [];
  let next = 0;
  for (const { CreatedBy } of history.toReversed()) {
    const layer = layers[next];
    const made = layer !== undefined && layer.CreatedBy === CreatedBy;
    if (made) next += 1;
    lines.push({ text: lineText(CreatedBy), layer: made ? layer.Index : undefined });
  }
  for (const layer of layers.slice(next)) lines.push({ text: lineText(layer.CreatedBy), layer: layer.Index });
  return lines;
}

/** As in the Dockerfile, without what builders write around it. */
export function lineText(createdBy: string): string {
  const bare = createdBy
    .replace(/\s+# buildkit$/, "")
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, "")
    .trim();
  const run = /^(?:RUN\s+)?(?:\|\d+ (?:\S+=.*? )?)?\/bin\/sh -c (.*)$/s.exec(bare);
  return run === null ? bare : `RUN ${run[1]}`;
}

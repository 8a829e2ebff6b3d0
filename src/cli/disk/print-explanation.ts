import type { DiskCategory, DiskExplanation } from "../../engine/types/disk.ts";
import { humanSize } from "../../internal/human-size.ts";
import type { CliContext } from "../command.ts";
import { ellipsis, formatTable } from "../format/table.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

const titles: Record<DiskCategory, string> = {
  "image-layers": "Image layers",
  "build-cache": "Build cache",
  containers: "Containers' writable layers and files",
  logs: "Logs",
  volumes: "Volumes",
  blobs: "Image blobs (manifests, configs, compressed layers)",
  ingest: "Downloads",
  database: "Database",
  work: "Work going on",
  unreferenced: "Unreferenced",
  foreign: "Nothing of the engine's",
  engine: "Directories of the store",
};

/** `system df --explain`: every byte below the root by owner, as a table, JSON, or what a template makes of it. */
export async function printExplanation(context: CliContext, format: string): Promise<number> {
  const { store } = await context.engine();
  const explanation = await store.explain({ signal: context.signal });
  if (format === "" || format === "table") context.stdout.write(explanationText(explanation));
  else if (format === "json") context.stdout.write(`${JSON.stringify(explanation)}\n`);
  else {
    const { renderTemplate } = await import("../format/template.ts");
    context.stdout.write(`${renderTemplate(format, explanation)}\n`);
  }
  return 0;
}

/** Pure. */
function explanationText({ Root, Total, Inodes, Categories }: DiskExplanation): string {
  const rows = Categories.flatMap(({ Category, Bytes, Inodes: inodes, FreedBy, Owners }) => [
    [titles[Category], size(Bytes), String(inodes), FreedBy],
    ...Owners.filter(({ Bytes: bytes }) => bytes > 0).map((owner) => [
      `  ${ellipsis(sanitizeLine(owner.Owner), 60)}`,
      size(owner.Bytes),
      String(owner.Inodes),
      "",
    ]),
  ]);
  const table = formatTable(["WHAT", "SIZE", "INODES", "FREED BY"], rows);
  return `${table}\nTotal ${size(Total)} in ${Inodes} inodes: ${Total} bytes, as du -s --block-size=1 ${Root}\n`;
}

function size(bytes: number): string {
  return humanSize(bytes, 3);
}

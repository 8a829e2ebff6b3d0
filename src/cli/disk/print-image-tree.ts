import type { ImagePlatform, ImageTree } from "../../engine/types/image-layers.ts";
import type { ImageSummary } from "../../engine/types/image.ts";
import { humanSize } from "../../internal/human-size.ts";
import type { CliContext } from "../command.ts";
import { displayWidth } from "../format/display-width.ts";
import { shortId } from "../format/table.ts";

/** `images --tree`: the images of a listing, each with its platforms. */
export async function printImageTree(
  context: CliContext,
  images: readonly ImageSummary[],
  { isWhole, isJson }: { isWhole: boolean; isJson: boolean },
): Promise<number> {
  const { store } = await context.engine();
  const trees = new Map((await store.trees({ signal: context.signal })).map((tree) => [tree.Id, tree]));
  const shown = images.flatMap(({ Id }) => trees.get(Id) ?? []);
  if (isJson) context.stdout.write(`${JSON.stringify(shown)}\n`);
  else context.stdout.write(treeText(shown, (text) => (isWhole ? text : shortId(text))));
  return 0;
}

/** A column of Docker's table; the first is as wide as its widest name. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly isRight?: boolean;
}

type Row = readonly string[];

/** The layout of Docker 28: names below each other with the image's figures behind the last, then its platforms. Pure. */
export function treeText(trees: readonly ImageTree[], id: (text: string) => string): string {
  const groups = trees.map((tree) => rowsOf(tree, id));
  const widest = (at: number, least: number) =>
    Math.max(least, ...groups.flat().map((row) => displayWidth(row[at] ?? "")));
  const columns: readonly Column[] = [
    { title: "IMAGE", width: widest(0, 5) },
    { title: "ID", width: widest(1, 12) },
    { title: "DISK USAGE", width: 10, isRight: true },
    { title: "CONTENT SIZE", width: 12, isRight: true },
    { title: "EXTRA", width: 5 },
  ];
  const total = columns.reduce((sum, { width }) => sum + width + gap.length, -gap.length);
  const header = line(
    columns,
    columns.map(({ title }) => title),
  );
  const body = groups.map((rows) => rows.map((row) => line(columns, row)).join("")).join("\n");
  return `${legend.padStart(total)}\n\n${header}${body}`;
}

const legend = "Info →   U  In Use";
const gap = "   ";

function line(columns: readonly Column[], row: Row): string {
  const cells = columns.map(({ width, isRight }, at) => {
    const cell = row[at] ?? "";
    const fill = " ".repeat(Math.max(0, width - displayWidth(cell)));
    return isRight === true ? fill + cell : cell + fill;
  });
  return `${cells.join(gap).trimEnd()}\n`;
}

function rowsOf(tree: ImageTree, id: (text: string) => string): Row[] {
  const names = tree.Names.length === 0 ? ["<untagged>"] : tree.Names;
  const last = names.at(-1) ?? "";
  const used = tree.Containers.length > 0 ? "  U" : "";
  return [
    ...names.slice(0, -1).map((name) => [name]),
    [last, id(tree.Id), humanSize(tree.DiskUsage, 3), humanSize(tree.ContentSize, 3), used],
    ...tree.Platforms.map((platform, at) => platformRow(platform, at === tree.Platforms.length - 1, id)),
  ];
}

function platformRow(platform: ImagePlatform, isLast: boolean, id: (text: string) => string): Row {
  const { Platform, Digest, DiskUsage, ContentSize } = platform;
  const branch = `${isLast ? "└─" : "├─"} ${Platform === "" ? "<unknown>" : Platform}`;
  return [branch, id(Digest), humanSize(DiskUsage, 3), humanSize(ContentSize, 3)];
}

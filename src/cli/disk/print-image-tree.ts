import type { ImagePlatform, ImageTree } from "../../engine/types/image-layers.ts";
import type { ImageSummary } from "../../engine/types/image.ts";
import { humanSize } from "../../internal/human-size.ts";
import type { CliContext } from "../command.ts";
import { formatTable, shortId } from "../format/table.ts";

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
  else {
    const headers = ["IMAGE", "ID", "DISK USAGE", "CONTENT SIZE", "IN USE BY"];
    const id = (text: string) => (isWhole ? text : shortId(text));
    context.stdout.write(
      formatTable(
        headers,
        shown.flatMap((tree) => rowsOf(tree, id)),
      ),
    );
  }
  return 0;
}

function rowsOf(tree: ImageTree, id: (text: string) => string): string[][] {
  const [first = "<untagged>", ...others] = tree.Names;
  const sizes = [humanSize(tree.DiskUsage, 3), humanSize(tree.ContentSize, 3)];
  return [
    [first, id(tree.Id), ...sizes, tree.Containers.join(", ")],
    ...others.map((name) => [name, "", "", "", ""]),
    ...tree.Platforms.map((platform, at) => platformRow(platform, at === tree.Platforms.length - 1, id)),
  ];
}

function platformRow(platform: ImagePlatform, isLast: boolean, id: (text: string) => string): string[] {
  const { Platform, Digest, DiskUsage, ContentSize } = platform;
  const branch = `${isLast ? "└─" : "├─"} ${Platform === "" ? "<unknown>" : Platform}`;
  return [branch, id(Digest), humanSize(DiskUsage, 3), humanSize(ContentSize, 3), ""];
}

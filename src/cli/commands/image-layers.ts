import type { ImageLayer, ImageLayers } from "../../engine/types/image-layers.ts";
import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { createdByText } from "../format/created-by.ts";
import { ellipsis, formatTable } from "../format/table.ts";
import { sanitizeLine as sanitize } from "../progress/sanitize.ts";
import { imageAuths } from "../registry/image-auths.ts";

export default command({
  usage: "image layers [OPTIONS] IMAGE",
  summary: "Show what is in each layer of an image, and what is wasted",
  flags: {
    json: bool("Print JSON"),
    "no-trunc": bool("Don't truncate output"),
    wasted: bool("List the files that later layers replace or delete"),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const { store } = await context.engine();
    const auths = await imageAuths(context, [name]);
    const image = await store.layers(name, { auths, signal: context.signal });
    const text = flags.json ? `${JSON.stringify(image, undefined, 2)}\n` : table(image, flags["no-trunc"]);
    context.stdout.write(text);
    if (flags.wasted && !flags.json) context.stdout.write(wastedTable(image));
    return 0;
  },
});

function table(image: ImageLayers, whole: boolean): string {
  const headers = ["LAYER", "SIZE", "FILES", "WASTED", "DIFF ID", "CREATED BY"];
  const rows = image.Layers.map((layer) => row(layer, whole));
  return formatTable(headers, rows) + summary(image);
}

function row(layer: ImageLayer, whole: boolean): string[] {
  const by = sanitize(createdByText(layer.CreatedBy));
  return [
    String(layer.Index),
    humanSize(layer.Size, 3),
    String(layer.Files) + (layer.Deletes > 0 ? ` -${layer.Deletes}` : ""),
    humanSize(layer.Wasted, 3),
    whole ? layer.DiffID : layer.DiffID.slice(7, 19),
    whole ? by : ellipsis(by, 60),
  ];
}

function summary({ Size, Wasted }: ImageLayers): string {
  const share = Size === 0 ? 0 : (Wasted / Size) * 100;
  return `\nTotal ${humanSize(Size, 3)}, wasted ${humanSize(Wasted, 3)} (${share.toFixed(1)}%)\n`;
}

function wastedTable({ WastedFiles }: ImageLayers): string {
  if (WastedFiles.length === 0) return "";
  const rows = WastedFiles.map(({ Path, Size, Layer, HiddenBy }) => [
    humanSize(Size, 3),
    String(Layer),
    String(HiddenBy),
    sanitize(`/${Path}`),
  ]);
  return `\n${formatTable(["WASTED", "LAYER", "HIDDEN BY", "PATH"], rows)}`;
}

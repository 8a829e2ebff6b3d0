import type { ImageDiff, ImageFileChange, ImageLine } from "../../engine/types/image-layers.ts";
import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { createdByText } from "../format/created-by.ts";
import { ellipsis, formatTable } from "../format/table.ts";
import { sanitizeLine as sanitize } from "../progress/sanitize.ts";
import { imageAuths } from "../registry/image-auths.ts";

const maxFiles = 50;

export default command({
  usage: "image diff [OPTIONS] IMAGE_A IMAGE_B",
  summary: "Show how one image differs from another: files, configuration, and the lines that did it",
  flags: {
    json: bool("Print JSON"),
    "no-trunc": bool("Don't truncate output: list every file"),
  },
  args: arity.exactly(2),
  async run({ flags, args: [a = "", b = ""] }, context) {
    const { store } = await context.engine();
    const auths = await imageAuths(context, [a, b]);
    const diff = await store.diff(a, b, { auths, signal: context.signal });
    context.stdout.write(
      flags.json ? `${JSON.stringify(diff, undefined, 2)}\n` : text(diff, flags["no-trunc"]),
    );
    return 0;
  },
});

function text(diff: ImageDiff, whole: boolean): string {
  const parts = [heading(diff), configTable(diff), linesTable(diff, whole), filesTable(diff, whole)];
  return `${parts.filter((part) => part !== "").join("\n")}`;
}

function heading({ A, B, SharedLayers, Added, Changed, Removed }: ImageDiff): string {
  const side = ({ Name, Id, Size, Layers }: ImageDiff["A"]) => [
    sanitize(Name),
    Id.slice(7, 19),
    humanSize(Size, 3),
    String(Layers),
    String(SharedLayers),
  ];
  const count = (what: string, { Files, Bytes }: { Files: number; Bytes: number }) =>
    `${Files} ${what} (${humanSize(Bytes, 3)})`;
  const delta = B.Size - A.Size;
  const sizes = `${delta < 0 ? "-" : "+"}${humanSize(Math.abs(delta), 3)}`;
  const files = [count("added", Added), count("changed", Changed), count("removed", Removed)].join(", ");
  return `${formatTable(["IMAGE", "ID", "SIZE", "LAYERS", "SHARED"], [side(A), side(B)])}\nSize ${sizes}. Files: ${files}\n`;
}

function configTable({ Config }: ImageDiff): string {
  if (Config.length === 0) return "";
  const rows = Config.map(({ Field, A, B }) => [Field, A ?? "-", B ?? "-"].map((cell) => sanitize(cell)));
  return formatTable(["CONFIG", "A", "B"], rows);
}

function linesTable({ Lines }: ImageDiff, whole: boolean): string {
  if (Lines.length === 0) return "";
  const rows = Lines.map((line) => [
    place(line),
    `+${line.Added} ~${line.Changed} -${line.Removed}`,
    humanSize(line.Bytes, 3),
    line.RemovedBytes === 0 ? "" : `-${humanSize(line.RemovedBytes, 3)}`,
    by(line, whole),
  ]);
  return formatTable(["LAYER", "FILES", "BROUGHT", "TOOK", "CREATED BY"], rows);
}

function filesTable({ Files }: ImageDiff, whole: boolean): string {
  if (Files.length === 0) return "";
  const shown = whole ? Files : Files.slice(0, maxFiles);
  const rows = shown.map((file) => [letters[file.Change], size(file), place(file.Line), name(file)]);
  const rest = Files.length - shown.length;
  const more = rest === 0 ? "" : `… and ${rest} more: see them with --no-trunc\n`;
  return formatTable(["", "SIZE", "LAYER", "PATH"], rows) + more;
}

const letters = { added: "A", changed: "C", removed: "D" } as const;

function size({ Change, Kind, SizeA, SizeB }: ImageFileChange): string {
  if (Kind !== "file") return "";
  const delta = SizeB - SizeA;
  if (Change !== "changed") return humanSize(Math.max(SizeA, SizeB), 3);
  return delta === 0 ? "" : `${delta < 0 ? "-" : "+"}${humanSize(Math.abs(delta), 3)}`;
}

function name({ Path, Kind, Aspects }: ImageFileChange): string {
  const path = sanitize(`/${Path}${Kind === "directory" ? "/" : ""}`);
  const aspects = Aspects.filter((aspect) => aspect !== "content");
  return aspects.length === 0 ? path : `${path} (${aspects.join(", ")})`;
}

function place({ Image, Layer }: ImageLine): string {
  return `${Image}${Layer}`;
}

function by(line: ImageLine, whole: boolean): string {
  const line_ = sanitize(createdByText(line.CreatedBy));
  return whole ? line_ : ellipsis(line_, 60);
}

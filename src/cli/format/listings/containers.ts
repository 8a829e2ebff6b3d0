import type { ContainerSummary } from "../../../engine/types/container.ts";
import { humanDuration } from "../../../internal/human-duration.ts";
import { humanSize } from "../../../internal/human-size.ts";
import { familiarName, familiarString, parseReference } from "../../../oci/reference.ts";
import { goTime } from "../go-time.ts";
import { labelMethods, labelText } from "../labels.ts";
import type { Listing } from "../listing.ts";
import { portText } from "../ports.ts";
import { ellipsis, shortId } from "../table.ts";

interface Options {
  /** `--no-trunc` */
  readonly whole: boolean;
  readonly size: boolean;
  /** ms since the epoch */
  readonly now: number;
}

const raw = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
`;

/** What `ps` shows. Pure. */
export function containerListing({ whole, size, now }: Options): Listing<ContainerSummary> {
  // A thousand containers have a few images between them.
  const named = new Map<string, string>();
  const image = (row: ContainerSummary): string => {
    const key = `${row.Image} ${row.ImageID}`;
    const name = named.get(key) ?? imageName(row, whole);
    named.set(key, name);
    return name;
  };
  const usual = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"];
  return {
    shown: size ? [...usual, "Size"] : usual,
    quiet: "ID",
    quietFirst: true,
    raw: size ? `${raw}size: {{.Size}}\n` : raw,
    rawQuiet: "container_id: {{.ID}}",
    methods: ({ Labels }) => labelMethods(Labels),
    columns: [
      { name: "ID", header: "CONTAINER ID", value: ({ Id }) => (whole ? Id : shortId(Id)) },
      { name: "Image", header: "IMAGE", value: image },
      { name: "Command", header: "COMMAND", value: ({ Command }) => command(Command, whole) },
      { name: "CreatedAt", header: "CREATED AT", value: ({ Created }) => goTime(Created) },
      { name: "RunningFor", header: "CREATED", value: ({ Created }) => ago(now - Created * 1000) },
      { name: "Status", header: "STATUS", value: ({ Status }) => Status },
      { name: "State", header: "STATE", value: ({ State }) => State },
      { name: "Ports", header: "PORTS", value: ({ Ports }) => portText(Ports) },
      { name: "Names", header: "NAMES", value: ({ Names }) => names(Names, whole) },
      { name: "Size", header: "SIZE", value: sizes },
      { name: "Labels", header: "LABELS", value: ({ Labels }) => labelText(Labels) },
      { name: "Networks", header: "NETWORKS", value: networks },
      { name: "Mounts", header: "MOUNTS", value: ({ Mounts }) => mounts(Mounts, whole) },
      {
        name: "LocalVolumes",
        header: "LOCAL VOLUMES",
        value: ({ Mounts }) => String(Mounts.filter(({ Driver }) => Driver === "local").length),
      },
      { name: "Platform", header: "PLATFORM", value: () => null },
    ],
  };
}

function ago(ms: number): string {
  return `${humanDuration(ms)} ago`;
}

function command(text: string, whole: boolean): string {
  return JSON.stringify(whole ? text : ellipsis(text, 20));
}

/** An ID is cut like an ID; a name goes without its digest. */
function imageName({ Image, ImageID }: ContainerSummary, whole: boolean): string {
  if (Image === "") return "<no image>";
  if (whole) return Image;
  if (ImageID !== "" && shortId(ImageID) === shortId(Image)) return shortId(Image);
  try {
    const reference = parseReference(Image);
    if (reference.digest === undefined) return Image;
    const { digest: _digest, ...named } = reference;
    return named.tag === undefined ? familiarName(reference) : familiarString(named);
  } catch {
    return Image;
  }
}

/** Names without their slash; those that links gave are left out unless all is shown. */
function names(all: readonly string[], whole: boolean): string {
  const plain = all.map((name) => name.replace(/^\//, ""));
  return (whole ? plain : plain.filter((name) => !name.includes("/"))).join(",");
}

function sizes({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = humanSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${own} (virtual ${humanSize(SizeRootFs, 3)})` : own;
}

function networks({ NetworkSettings }: ContainerSummary): string {
  return Object.keys(NetworkSettings.Networks).toSorted().join(",");
}

function mounts(all: ContainerSummary["Mounts"], whole: boolean): string {
  const shown = all.map(({ Name, Source }) => Name || Source);
  return shown.map((name) => (whole ? name : ellipsis(name, 15))).join(",");
}

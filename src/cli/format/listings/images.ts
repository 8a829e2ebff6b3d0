import type { ImageSummary } from "../../../engine/types/image.ts";
import { humanDuration } from "../../../internal/human-duration.ts";
import { humanSize } from "../../../internal/human-size.ts";
import { goTime } from "../go-time.ts";
import type { Listing } from "../listing.ts";
import { shortId } from "../table.ts";

/** One line of the listing: an image has one for each of its names. */
export interface ImageRow {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

interface Options {
  /** `--no-trunc` */
  readonly whole: boolean;
  readonly digests: boolean;
  /** ms since the epoch */
  readonly now: number;
}

const none = "<none>";
/** Go's zero time, in seconds. */
const zeroTime = -62_135_596_800;

/** What `images` shows. Pure. */
export function imageListing({ whole, digests, now }: Options): Listing<ImageRow> {
  const digestLine = digests ? "digest: {{.Digest}}\n" : "";
  return {
    shown: ["Repository", "Tag", ...(digests ? ["Digest"] : []), "ID", "CreatedSince", "Size"],
    quiet: "ID",
    raw: `repository: {{.Repository}}\ntag: {{.Tag}}\n${digestLine}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
    rawQuiet: "image_id: {{.ID}}",
    columns: [
      { name: "Repository", header: "REPOSITORY", value: ({ repository }) => repository },
      { name: "Tag", header: "TAG", value: ({ tag }) => tag },
      { name: "Digest", header: "DIGEST", value: ({ digest }) => digest },
      { name: "ID", header: "IMAGE ID", value: ({ image }) => (whole ? image.Id : shortId(image.Id)) },
      { name: "CreatedSince", header: "CREATED", value: ({ image }) => since(image.Created, now) },
      { name: "CreatedAt", header: "CREATED AT", value: ({ image }) => goTime(image.Created) },
      { name: "Size", header: "SIZE", value: ({ image }) => humanSize(image.Size, 3) },
      { name: "Containers", header: "CONTAINERS", value: ({ image }) => counted(image.Containers, String) },
      { name: "VirtualSize", header: "SIZE", value: ({ image }) => humanSize(image.Size, 3) },
      { name: "SharedSize", header: "SHARED SIZE", value: ({ image }) => counted(image.SharedSize, size) },
      { name: "UniqueSize", header: "UNIQUE SIZE", value: uniqueSize },
    ],
  };
}

/** The lines of an image. With `digests` also names that are a digest alone. Pure. */
export function imageRows(image: ImageSummary, digests: boolean): ImageRow[] {
  const named = (image.RepoDigests ?? []).map((name) => name.split("@"));
  const tagged: ImageRow[] = [];
  for (const name of image.RepoTags ?? []) {
    const colon = name.lastIndexOf(":");
    const repository = name.slice(0, colon);
    const digest = named.find(([each]) => each === repository)?.[1] ?? none;
    tagged.push({ image, repository, tag: name.slice(colon + 1), digest });
  }
  if (tagged.length > 0) return tagged;
  const untagged = named.map(([repository = none, digest = none]) => ({
    image,
    repository,
    tag: none,
    digest,
  }));
  if (untagged.length > 0) return digests ? untagged : untagged.slice(0, 1);
  return [{ image, repository: none, tag: none, digest: none }];
}

function since(created: number, now: number): string {
  if (created === zeroTime) return "";
  return created <= 0 ? "N/A" : `${humanDuration(now - created * 1000)} ago`;
}

/** -1: the engine did not count it. */
function counted(value: number, show: (value: number) => string): string {
  return value === -1 ? "N/A" : show(value);
}

function size(bytes: number): string {
  return humanSize(bytes, 3);
}

function uniqueSize({ image: { Size, SharedSize } }: ImageRow): string {
  return Size === -1 || SharedSize === -1 ? "N/A" : size(Size - SharedSize);
}

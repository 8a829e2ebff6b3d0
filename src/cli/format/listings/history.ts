import type { ImageHistoryItem } from "../../../engine/types/image.ts";
import { humanDuration } from "../../../internal/human-duration.ts";
import { humanSize } from "../../../internal/human-size.ts";
import type { Listing } from "../listing.ts";
import { ellipsis, shortId } from "../table.ts";

interface Options {
  /** `--no-trunc` */
  readonly whole: boolean;
  readonly human: boolean;
  /** ms since the epoch */
  readonly now: number;
}

/** What `history` shows. Pure. */
export function historyListing({ whole, human, now }: Options): Listing<ImageHistoryItem> {
  const since = (created: number) => (created <= 0 ? "N/A" : `${humanDuration(now - created * 1000)} ago`);
  const at = (created: number) => new Date(created * 1000).toISOString().replace(".000Z", "Z");
  return {
    shown: ["ID", "CreatedSince", "CreatedBy", "Size", "Comment"],
    quiet: "ID",
    columns: [
      { name: "ID", header: "IMAGE", value: ({ Id }) => (whole || Id === "<missing>" ? Id : shortId(Id)) },
      {
        name: "CreatedSince",
        header: human ? "CREATED" : "CREATED AT",
        value: ({ Created }) => (human ? since(Created) : at(Created)),
      },
      { name: "CreatedAt", header: "CREATED AT", value: ({ Created }) => at(Created) },
      { name: "CreatedBy", header: "CREATED BY", value: ({ CreatedBy }) => step(CreatedBy, whole) },
      { name: "Size", header: "SIZE", value: ({ Size }) => (human ? humanSize(Size, 3) : String(Size)) },
      { name: "Comment", header: "COMMENT", value: ({ Comment }) => Comment },
    ],
  };
}

function step(text: string, whole: boolean): string {
  const plain = text.replaceAll("\t", " ");
  return whole ? plain : ellipsis(plain, 45);
}

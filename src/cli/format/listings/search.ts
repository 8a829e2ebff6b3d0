import type { ImageSearchItem } from "../../../engine/types/image.ts";
import type { Listing } from "../listing.ts";
import { ellipsis } from "../table.ts";

/** Cells of a description that is not shown whole. */
const descriptionWidth = 45;

/** What `search` shows. Pure. */
export function searchListing(isWhole: boolean): Listing<ImageSearchItem> {
  const describe = ({ description }: ImageSearchItem) => {
    const line = description.replaceAll("\n", " ").replaceAll("\r", " ");
    return isWhole ? line : ellipsis(line, descriptionWidth);
  };
  return {
    shown: ["Name", "Description", "StarCount", "IsOfficial"],
    quiet: "Name",
    columns: [
      { name: "Name", header: "NAME", value: ({ name }) => name },
      { name: "Description", header: "DESCRIPTION", value: describe },
      { name: "StarCount", header: "STARS", value: ({ star_count }) => String(star_count) },
      { name: "IsOfficial", header: "OFFICIAL", value: ({ is_official }) => (is_official ? "[OK]" : "") },
      { name: "IsAutomated", header: "AUTOMATED", value: ({ is_automated }) => (is_automated ? "[OK]" : "") },
    ],
  };
}

import type { VolumeInspect } from "../../../engine/types/volume.ts";
import { humanSize } from "../../../internal/human-size.ts";
import { labelMethods, labelText } from "../labels.ts";
import type { Listing } from "../listing.ts";

/** Of cluster volumes, which there are none of. */
const notOurs = ["Availability", "Group", "Links", "Status"];

/** What `volume ls` shows. */
export const volumeListing: Listing<VolumeInspect> = {
  shown: ["Driver", "Name"],
  quiet: "Name",
  raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
  rawQuiet: "name: {{.Name}}",
  methods: ({ Labels }) => labelMethods(Labels),
  columns: [
    { name: "Driver", header: "DRIVER", value: ({ Driver }) => Driver },
    { name: "Name", header: "VOLUME NAME", value: ({ Name }) => Name },
    { name: "Scope", header: "SCOPE", value: ({ Scope }) => Scope },
    { name: "Mountpoint", header: "MOUNTPOINT", value: ({ Mountpoint }) => Mountpoint },
    { name: "Labels", header: "LABELS", value: ({ Labels }) => labelText(Labels) },
    {
      name: "Size",
      header: "SIZE",
      value: ({ UsageData }) => (UsageData == null ? "N/A" : humanSize(UsageData.Size, 3)),
    },
    ...notOurs.map((name) => ({ name, header: name.toUpperCase(), value: () => "N/A" })),
  ],
};

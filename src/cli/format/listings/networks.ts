import type { NetworkInspect } from "../../../engine/types/network.ts";
import { labelMethods, labelText } from "../labels.ts";
import type { Listing } from "../listing.ts";
import { shortId } from "../table.ts";

/** What `network ls` shows. `whole`: `--no-trunc`. Pure. */
export function networkListing({ whole }: { readonly whole: boolean }): Listing<NetworkInspect> {
  return {
    shown: ["ID", "Name", "Driver", "Scope"],
    quiet: "ID",
    raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
    rawQuiet: "network_id: {{.ID}}",
    methods: ({ Labels }) => labelMethods(Labels),
    columns: [
      { name: "ID", header: "NETWORK ID", value: ({ Id }) => (whole ? Id : shortId(Id)) },
      { name: "Name", header: "NAME", value: ({ Name }) => Name },
      { name: "Driver", header: "DRIVER", value: ({ Driver }) => Driver },
      { name: "Scope", header: "SCOPE", value: ({ Scope }) => Scope },
      { name: "IPv4", header: "IPV4", value: ({ EnableIPv4 }) => String(EnableIPv4) },
      { name: "IPv6", header: "IPV6", value: ({ EnableIPv6 }) => String(EnableIPv6) },
      { name: "Internal", header: "INTERNAL", value: ({ Internal }) => String(Internal) },
      { name: "Labels", header: "LABELS", value: ({ Labels }) => labelText(Labels) },
      { name: "CreatedAt", header: "CREATED AT", value: ({ Created }) => Created },
    ],
  };
}

import type { ScopedSocket, TokenInfo } from "../../../engine/access/access-service.ts";
import type { Listing } from "../listing.ts";

/** What `token ls` shows. */
export const tokenListing: Listing<TokenInfo> = {
  shown: ["ID", "Name", "Allow", "Labels", "Created", "Expires"],
  quiet: "ID",
  raw: "id: {{.ID}}\nname: {{.Name}}\nallow: {{.Allow}}\n",
  rawQuiet: "id: {{.ID}}",
  methods: () => ({}),
  columns: [
    { name: "ID", header: "TOKEN ID", value: ({ id }) => id },
    { name: "Name", header: "NAME", value: ({ name }) => name },
    { name: "Allow", header: "ALLOW", value: ({ allow }) => allow.join(",") },
    { name: "Labels", header: "LABELS", value: ({ labels }) => labels.join(",") },
    { name: "Created", header: "CREATED", value: ({ created }) => created },
    { name: "Expires", header: "EXPIRES", value: ({ expires }) => expires ?? "never" },
  ],
};

/** What `engine socket ls` shows. */
export const socketListing: Listing<ScopedSocket> = {
  shown: ["Path", "Allow", "Labels", "Mode"],
  quiet: "Path",
  raw: "path: {{.Path}}\nallow: {{.Allow}}\n",
  rawQuiet: "path: {{.Path}}",
  methods: () => ({}),
  columns: [
    { name: "Path", header: "SOCKET", value: ({ path }) => path },
    { name: "Allow", header: "ALLOW", value: ({ allow }) => allow.join(",") },
    { name: "Labels", header: "LABELS", value: ({ labels }) => labels.join(",") },
    { name: "Mode", header: "MODE", value: ({ mode }) => mode.toString(8).padStart(4, "0") },
  ],
};

import type { Context } from "../../contexts/context-store.ts";
import type { Listing } from "../listing.ts";

/** `marked`: with a star behind the name. */
export type ContextRow = Context & { readonly current: boolean; readonly marked: boolean };

/** What `context ls` shows. */
export const contextListing: Listing<ContextRow> = {
  shown: ["Name", "Description", "DockerEndpoint", "Error"],
  quiet: "Name",
  raw: "name: {{.Name}}\ndescription: {{.Description}}\nendpoint: {{.DockerEndpoint}}\n",
  rawQuiet: "name: {{.Name}}",
  methods: () => ({}),
  columns: [
    { name: "Name", header: "NAME", value: ({ name, marked }) => (marked ? `${name} *` : name) },
    { name: "Description", header: "DESCRIPTION", value: ({ description }) => description },
    { name: "DockerEndpoint", header: "DOCKER ENDPOINT", value: ({ endpoint }) => endpoint.host },
    { name: "Error", header: "ERROR", value: () => "" },
    { name: "Current", header: "CURRENT", value: ({ current }) => String(current) },
  ],
};

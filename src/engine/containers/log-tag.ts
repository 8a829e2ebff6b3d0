import { SlipwayError } from "../../errors.ts";
import type { ContainerRecord } from "./record.ts";

type Tagged = Pick<ContainerRecord, "id" | "name" | "image" | "config">;

/** What `--log-opt tag` may name, as in Docker. */
const fields: Readonly<Record<string, (of: Tagged) => string>> = {
  ID: ({ id }) => id.slice(0, 12),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  FullName: ({ name }) => name,
  ImageID: ({ image }) => image.replace(/^sha256:/, "").slice(0, 12),
  ImageFullID: ({ image }) => image,
  ImageName: ({ config }) => config.Image ?? "",
  DaemonName: () => "slipway",
};

/** The tag of a container's lines: `{{.Name}}` and its like filled in; its short ID when none was asked for. Pure. */
export function logTag(template: string | undefined, record: Tagged): string {
  return (template || "{{.ID}}").replace(
    /\{\{\s*\.(\w+)\s*\}\}/g,
    (_, name: string) => fields[name]?.(record) ?? "",
  );
}

/** Throws `invalid_argument` for what {@link logTag} does not know. Pure. */
export function checkLogTag(template: string): void {
  const rest = template.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (whole, name: string) =>
    fields[name] ? "" : whole,
  );
  if (rest.includes("{{"))
    throw new SlipwayError("invalid_argument", `invalid value for log opt tag: ${template}`);
}

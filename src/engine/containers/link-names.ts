import { SlipwayError } from "../../errors.ts";
import type { ContainerRecord } from "./record.ts";

type Linking = Pick<ContainerRecord, "name" | "hostConfig" | "linked">;

/** `name:alias`, also as `inspect` shows it: `/name:/container/alias`. */
export function parseLink(word: string): [name: string, alias: string] {
  const [name = "", alias = name] = word.split(":");
  return [name.replace(/^\//, ""), alias.slice(alias.lastIndexOf("/") + 1)];
}

/** The words of a container's legacy links, which are the default network's alone: on others Docker passes them over. */
export function legacyLinks({ hostConfig }: Pick<Linking, "hostConfig">): readonly string[] {
  const isDefault = ["", "default", "bridge"].includes(hostConfig.NetworkMode ?? "");
  return isDefault ? (hostConfig.Links ?? []) : [];
}

/** ID of the container that `record` has a legacy link to under this alias. */
export function linkedBy(record: Linking, alias: string): string | undefined {
  const [name] =
    legacyLinks(record)
      .map(parseLink)
      .find(([, known]) => known === alias) ?? [];
  return name === undefined ? undefined : record.linked?.[name];
}

/** Further names that legacy links give: `/<container>/<alias>`, by the ID of the container that is meant. */
export function linkNames(records: readonly Linking[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const record of records) {
    for (const [name, alias] of legacyLinks(record).map(parseLink)) {
      const id = record.linked?.[name];
      if (id !== undefined) names.set(id, [...(names.get(id) ?? []), `/${record.name}/${alias}`]);
    }
  }
  return names;
}

/** The record's legacy links but the one of this alias, for its host part. */
export function withoutLink({ hostConfig }: Pick<Linking, "hostConfig">, alias: string): string[] {
  return (hostConfig.Links ?? []).filter((word) => parseLink(word)[1] !== alias);
}

/** `container/alias` in its two parts. Throws as Docker does for a name that is no link's. */
export function splitLinkName(path: string): [container: string, alias: string] {
  const [container = "", alias] = path.replace(/^\//, "").split("/");
  if (alias !== undefined) return [container, alias];
  throw new SlipwayError("internal", "Conflict, cannot remove the default link name of the container");
}

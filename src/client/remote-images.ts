import type { ImageService } from "../engine/engine.ts";
import type { RegistryAuth, TransferProgress } from "../engine/types/image.ts";
import { parseReference } from "../oci/reference.ts";
import { pathOf, type Wire } from "./wire.ts";

const at = (name: string, rest = "") => `/images/${pathOf(name)}${rest}`;

/** Images of an engine behind a socket. */
export function remoteImages(wire: Wire): ImageService {
  return {
    list: (o) =>
      wire.json("GET", "/images/json", {
        query: { all: o?.all, digests: o?.digests, filters: o?.filters },
        signal: o?.signal,
      }),
    inspect: (name, o) => wire.json("GET", at(name, "/json"), { signal: o?.signal }),
    history: (name, o) => wire.json("GET", at(name, "/history"), { signal: o?.signal }),
    tag: async (name, reference, o) =>
      await wire.done("POST", at(name, "/tag"), { query: split(reference, "repo"), signal: o?.signal }),
    remove: (name, o) =>
      wire.json("DELETE", at(name), { query: { force: o?.force, noprune: o?.noPrune }, signal: o?.signal }),
    prune: (o) => wire.json("POST", "/images/prune", { query: { filters: o?.filters }, signal: o?.signal }),
    search: (term, o) =>
      wire.json("GET", "/images/search", {
        query: { term, limit: o?.limit, filters: o?.filters },
        headers: authField(o?.auth),
        signal: o?.signal,
      }),
    distribution: (name, o) =>
      wire.json("GET", `/distribution/${pathOf(name)}/json`, {
        headers: authField(o?.auth),
        signal: o?.signal,
      }),
    ...transfers(wire),
  };
}

function transfers(wire: Wire): Pick<ImageService, "pull" | "push" | "save" | "load" | "import"> {
  return {
    pull: (reference, o) => {
      const { name, tag } = split(reference, "name");
      const query = {
        fromImage: name,
        tag: o?.allTags === true ? undefined : (tag ?? "latest"),
        platform: o?.platform,
      };
      return progress(wire, "/images/create", { query, headers: authField(o?.auth), signal: o?.signal });
    },
    push: (reference, o) => {
      const { name = "", tag = "latest" } = split(reference, "name");
      const query = {
        ...(o?.image === undefined ? { tag } : { "slipway-image": o.image }),
        platform: o?.platform,
        "slipway-compression": o?.compression,
      };
      return progress(wire, at(name, "/push"), { query, headers: authField(o?.auth), signal: o?.signal });
    },
    save: async (names, o) => {
      const query = { names, platform: o?.platform, "slipway-reference": o?.references };
      return (await wire.call("GET", "/images/get", { query, signal: o?.signal })).body;
    },
    import: (source, o) => {
      const { reference, message, changes, platform, signal } = o ?? {};
      const fromSrc = source instanceof URL ? source.href : "-";
      const named = reference === undefined ? {} : repositoryAndTag(reference);
      const query = { fromSrc, ...named, message, changes, platform };
      const body = source instanceof URL ? {} : { body: source };
      const headers = { "Content-Type": "application/x-tar" };
      return progress(wire, "/images/create", { query, headers, ...body, signal });
    },
    load: (archive, o) =>
      progress(wire, "/images/load", {
        body: archive,
        query: { platform: o?.platform },
        headers: { "Content-Type": "application/x-tar" },
        signal: o?.signal,
      }),
  };
}

function progress(
  wire: Wire,
  path: string,
  details: Parameters<Wire["lines"]>[2],
): AsyncIterable<TransferProgress> {
  return wire.lines("POST", path, details);
}

/** Repository under `key`, and tag or digest. */
function split<K extends string>(reference: string, key: K): { [P in K | "tag"]?: string } {
  const { tag, digest } = parseReference(reference);
  const last = digest ?? tag;
  const name = last === undefined ? reference : withoutSuffix(reference, tag, digest);
  return { [key]: name, ...(last !== undefined && { tag: last }) } as { [P in K | "tag"]?: string };
}

function withoutSuffix(reference: string, tag: string | undefined, digest: string | undefined): string {
  const suffix = (tag === undefined ? 0 : tag.length + 1) + (digest === undefined ? 0 : digest.length + 1);
  return reference.slice(0, reference.length - suffix);
}

function authField(auth: RegistryAuth | undefined): Record<string, string> {
  const text = JSON.stringify(auth ?? {});
  return { "X-Registry-Auth": Buffer.from(text).toString("base64url") };
}

/** A reference as the API's queries have it: `repo`, and `tag` for a tag or a digest. */
export function repositoryAndTag(reference: string): { repo?: string; tag?: string } {
  return split(reference, "repo");
}

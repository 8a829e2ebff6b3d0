import { isStruct, JsonNumber, TypedNil } from "./values.ts";

/** Fields of the API's documents that are maps with keys of the user's, not structs. */
const mapFields = new Set([
  "Annotations",
  "Containers",
  "Data",
  "DriverOpts",
  "EndpointsConfig",
  "ExposedPorts",
  "IndexConfigs",
  "Labels",
  "Networks",
  "Options",
  "PortBindings",
  "Ports",
  "Runtimes",
  "StorageOpt",
  "Sysctls",
  "Tmpfs",
  "UsageData",
  "Volumes",
]);
const pointers = new Set([
  "Health",
  "Healthcheck",
  "IPAMConfig",
  "Init",
  "MemorySwappiness",
  "OomKillDisable",
  "PidsLimit",
  "StopTimeout",
  "UsageData",
]);

/** A document of the API with the types that Go's structs give it: which objects are maps, and what null stands for. */
export function withTypes(document: unknown, field = ""): unknown {
  if (document === null || document === undefined)
    return new TypedNil(pointers.has(field) ? "<nil>" : mapFields.has(field) ? "map[]" : "[]");
  if (Array.isArray(document)) return document.map((item) => withTypes(item));
  if (!isStruct(document)) return document;
  const entries = Object.entries(document).map(([key, value]) => [key, withTypes(value, key)] as const);
  return mapFields.has(field) ? new Map(entries) : Object.fromEntries(entries);
}

/** The same document as read without types: every object is a map, every number a json.Number. */
export function withoutTypes(document: unknown): unknown {
  if (typeof document === "number") return new JsonNumber(String(document));
  if (Array.isArray(document)) return document.map((item) => withoutTypes(item));
  if (!isStruct(document)) return document;
  return new Map(Object.entries(document).map(([key, value]) => [key, withoutTypes(value)]));
}

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

/**
 * Fields that Go's structs have though the API leaves them out when they are empty, by the field that holds the struct:
 * `{{if .State.Health}}` asks for one. Templates find them; they are not shown with the struct.
 */
const omitted: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  State: { Health: new TypedNil("<nil>") },
  Config: {
    Healthcheck: new TypedNil("<nil>"),
    StopTimeout: new TypedNil("<nil>"),
    Shell: new TypedNil("[]"),
    StopSignal: "",
    MacAddress: "",
    ArgsEscaped: false,
    NetworkDisabled: false,
  },
  HostConfig: {
    Init: new TypedNil("<nil>"),
    MemorySwappiness: new TypedNil("<nil>"),
    KernelMemory: 0,
    KernelMemoryTCP: 0,
  },
};

/** A document of the API with the types that Go's structs give it: which objects are maps, and what null stands for. */
export function withTypes(document: unknown, field = ""): unknown {
  if (document === null || document === undefined)
    return new TypedNil(pointers.has(field) ? "<nil>" : mapFields.has(field) ? "map[]" : "[]");
  if (Array.isArray(document)) return document.map((item) => withTypes(item));
  if (!isStruct(document)) return document;
  const entries = Object.entries(document).map(([key, value]) => [key, withTypes(value, key)] as const);
  return mapFields.has(field) ? new Map(entries) : withOmitted(Object.fromEntries(entries), field);
}

function withOmitted(struct: Record<string, unknown>, field: string): Record<string, unknown> {
  // The document of a container, which is in no field.
  const isContainer = field === "" && "HostConfig" in struct && "State" in struct;
  const sizes = { SizeRw: new TypedNil("<nil>"), SizeRootFs: new TypedNil("<nil>") };
  for (const [name, value] of Object.entries(isContainer ? sizes : (omitted[field] ?? {})))
    if (!(name in struct)) Object.defineProperty(struct, name, { value, enumerable: false });
  return struct;
}

/** The same document as read without types: every object is a map, every number a json.Number. */
export function withoutTypes(document: unknown): unknown {
  if (typeof document === "number") return new JsonNumber(String(document));
  if (Array.isArray(document)) return document.map((item) => withoutTypes(item));
  if (!isStruct(document)) return document;
  return new Map(Object.entries(document).map(([key, value]) => [key, withoutTypes(value)]));
}

import { readFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import type { ContainerSummary, Port } from "../../engine/types/container.ts";
import type { ImageHistoryItem, ImageSummary } from "../../engine/types/image.ts";
import type { NetworkInspect } from "../../engine/types/network.ts";
import type { VolumeInspect } from "../../engine/types/volume.ts";
import { goTime } from "./go-time.ts";
import { formatListing } from "./listing.ts";
import { containerListing } from "./listings/containers.ts";
import { historyListing } from "./listings/history.ts";
import { imageListing, imageRows } from "./listings/images.ts";
import { networkListing } from "./listings/networks.ts";
import { volumeListing } from "./listings/volumes.ts";
import { naturalOrder } from "./natural-order.ts";
import { portText } from "./ports.ts";
import { ellipsis } from "./table.ts";

type Rows = readonly Record<string, unknown>[];
interface Table {
  readonly func: string;
  readonly var: string;
  readonly rows: Rows;
}

const data = new URL("../../../test/data/docker-cli/", import.meta.url);
const tables = Object.values(
  JSON.parse(readFileSync(new URL("cli_formatter.json", data), "utf8")) as Record<string, Table[]>,
).flat();
const rowsOf = (func: string, name?: string) =>
  tables.find((one) => one.func === func && (name === undefined || one.var === name))?.rows ?? [];
const golden = (name: string) => readFileSync(new URL(name, data), "utf8");

const now = Date.parse("2024-05-02T10:00:00Z");
const dayAgo = now / 1000 - 86_400;
const names: Readonly<Record<string, unknown>> = {
  containerID: "c".repeat(64),
  imageID: "d".repeat(64),
  unix: now / 1000 - 65,
  unixTime: dayAgo,
  zeroTime: -62_135_596_800,
  "container.StateRunning": "running",
  "stringid.TruncateID(containerID)": "c".repeat(12),
  "stringid.TruncateID(imageID)": "d".repeat(12),
  "time.Unix(unix, 0).String()": goTime(now / 1000 - 65),
  volumeName: "a-volume",
};

/** Go expressions of the tables that stand for a value. */
function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(known);
  const { $expr, $type: _type, values: _values, ...fields } = value as Record<string, unknown>;
  if (typeof $expr === "string") return $expr in names ? names[$expr] : value;
  return Object.fromEntries(
    Object.entries(fields).map(([key, item]) => [key === "ID" ? "Id" : key, known(item)]),
  );
}

const container = (fields: object): ContainerSummary =>
  ({
    Id: "",
    Names: [],
    Image: "",
    ImageID: "",
    Command: "",
    Created: dayAgo,
    Ports: [],
    Labels: {},
    State: "running",
    Status: "",
    Mounts: [],
    NetworkSettings: { Networks: {} },
    ...fields,
  }) as unknown as ContainerSummary;
const image = (fields: object): ImageSummary =>
  ({
    Id: "",
    RepoTags: [],
    RepoDigests: [],
    Created: dayAgo,
    Size: 0,
    SharedSize: 0,
    Containers: 0,
    ...fields,
  }) as unknown as ImageSummary;

/** `NewContainerFormat("table", false, true)` or a plain string. */
function formatOf(context: unknown): { format: string; flags: boolean[] } {
  const { Format } = context as { Format: unknown };
  if (typeof Format === "string") return { format: Format, flags: [] };
  const { $expr } = Format as { $expr: string };
  const [, quoted = "", plain = ""] = /\(\s*(?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)/.exec($expr) ?? [];
  const text = quoted === "" ? plain : (JSON.parse(`"${quoted}"`) as string);
  return { format: text, flags: [...$expr.matchAll(/\b(true|false)\b/g)].map(([word]) => word === "true") };
}

function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as Error).message;
  }
}

/** Backquoted text with the one time it mentions. */
function wanted(value: unknown): string | undefined {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  const { $expr } = value as { $expr: string };
  if ($expr.startsWith("golden.Get")) return golden("container-context-write-special-headers.golden");
  const [, text = "", args = ""] = /Sprintf\(`([^`]*)`,([^)]*)\)/.exec($expr) ?? [];
  const times = args.split(",").map((name) => goTime(name.trim() === "expectedZeroTime" ? 0 : dayAgo));
  return text === "" ? undefined : text.replaceAll("%s", () => times.shift() ?? "");
}

describe("containerListing()", () => {
  test.each(rowsOf("TestContainerPsContext"))("answers one field as docker/cli %#", (row) => {
    const name = (row["call"] as { $expr: string }).$expr.replace("ctx.", "");
    const listing = containerListing({ whole: row["trunc"] !== true, size: true, now });
    const summary = container({ Image: "x", ...(known(row["container"]) as object) });
    const isPlain = name !== "Image" || "Image" in (row["container"] as object);
    expect(isPlain).toBe(true);
    const value = listing.columns.find((column) => column.name === name)?.value(summary);
    expect(value).toBe(known(row["expValue"]) ?? "");
  });

  const containers = rowsOf("TestContainerContextWrite", "containers").map((row) =>
    container(known(row) as object),
  );
  test.each(rowsOf("TestContainerContextWrite", "cases"))("prints as docker/cli %#", (row) => {
    const { format, flags } = formatOf(row["context"]);
    const listing = containerListing({ whole: false, size: flags[1] ?? false, now });
    const text = outcome(() => formatListing(listing, containers, { format, quiet: flags[0] ?? false }));
    expect(text).toBe(wanted(row["expected"]) ?? "");
  });

  test.each(rowsOf("TestContainerContextWriteWithNoContainers", "cases"))("prints no rows %#", (row) => {
    const { format, flags } = formatOf(row["context"]);
    const listing = containerListing({ whole: false, size: flags[1] ?? false, now });
    expect(formatListing(listing, [], { format, quiet: false })).toBe(wanted(row["expected"]) ?? "");
  });

  test("json has every field, sorted", () => {
    const [row] = rowsOf("TestContainerContextWriteJSON", "expectedJSONs");
    const [summary] = rowsOf("TestContainerContextWriteJSON", "containers");
    const listing = containerListing({ whole: false, size: false, now });
    const text = formatListing(listing, [container(known(summary) as object)], {
      format: "json",
      quiet: false,
    });
    const created = goTime(now / 1000 - 65);
    expect(JSON.parse(text)).toEqual({ ...row, CreatedAt: created });
    expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(row ?? {}));
  });

  test("Label gives one label", () => {
    const listing = containerListing({ whole: false, size: false, now });
    const rows = [
      container({ Names: ["/c1"], Labels: { "some.label": "value" } }),
      container({ Names: ["/c2"] }),
    ];
    const format = '{{.Names}} {{.Label "some.label"}}';
    expect(formatListing(listing, rows, { format, quiet: false })).toBe("c1 value\nc2 \n");
    const table = formatListing(listing, rows, {
      format: `table {{.Names}}\\t{{.Label "some.label"}}`,
      quiet: false,
    });
    expect(table).toBe("NAMES     label\nc1        value\nc2        \n");
  });
});

test.each(rowsOf("TestDisplayablePorts"))("portText() as docker/cli %#", ({ ports, expected }) => {
  expect(portText(ports as Port[])).toBe(expected as string);
});

test.each(rowsOf("TestEllipsis"))("ellipsis() as docker/cli %#", ({ source, width, expected }) => {
  expect(ellipsis(source as string, width as number)).toBe(expected as string);
});

describe("imageListing()", () => {
  test.each(rowsOf("TestImageContext"))("answers one field as docker/cli %#", (row) => {
    const { i, trunc, repo = "", tag = "", digest = "" } = known(row["imageCtx"]) as Record<string, string>;
    const name = (row["call"] as { $expr: string }).$expr.replace("ctx.", "");
    const listing = imageListing({ whole: String(trunc) !== "true", digests: false, now });
    const summary = image(i as unknown as object);
    const column = listing.columns.find((one) => one.name === name);
    expect(column?.value({ image: summary, repository: repo, tag, digest })).toBe(known(row["expValue"]));
  });

  const images = rowsOf("TestImageContextWrite", "images").map((row, at) =>
    image({ ...(known(row) as object), ...(at === 1 ? { Created: 0 } : {}) }),
  );
  test.each(rowsOf("TestImageContextWrite", "cases"))("prints as docker/cli %#", (row) => {
    const outer = row["context"] as { Context: unknown };
    const { format, flags } = formatOf(outer.Context);
    const digests = flags[1] ?? false;
    const listing = imageListing({ whole: false, digests, now });
    const rows = images.flatMap((one) => imageRows(one, true));
    const added = digests && format.startsWith("table ") ? `${format}\\t{{.Digest}}` : format;
    const text = outcome(() => formatListing(listing, rows, { format: added, quiet: flags[0] ?? false }));
    expect(text).toBe(wanted(row["expected"]) ?? "");
  });
});

describe("volumeListing", () => {
  const volume = (fields: object) =>
    ({
      Name: "",
      Driver: "",
      Mountpoint: "",
      Scope: "",
      Labels: null,
      ...fields,
    }) as unknown as VolumeInspect;

  test.each(rowsOf("TestVolumeContext"))("answers one field as docker/cli %#", (row) => {
    const { v } = known(row["volumeCtx"]) as { v: object };
    const name = (row["call"] as { $expr: string }).$expr.replace("ctx.", "");
    expect(volumeListing.columns.find((one) => one.name === name)?.value(volume(v))).toBe(
      known(row["expValue"]),
    );
  });

  const volumes = rowsOf("TestVolumeContextWrite", "volumes").map((row) => volume(row));
  test.each(rowsOf("TestVolumeContextWrite", "cases"))("prints as docker/cli %#", (row) => {
    const { format, flags } = formatOf(row["context"]);
    const text = outcome(() => formatListing(volumeListing, volumes, { format, quiet: flags[0] ?? false }));
    expect(text).toBe(wanted(row["expected"]) ?? "");
  });

  test("json has every field, sorted", () => {
    const rows = rowsOf("TestVolumeContextWriteJSON", "expectedJSONs");
    const text = formatListing(volumeListing, volumes, { format: "json", quiet: false });
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual(rows as object[]);
  });
});

test("networkListing() prints as docker/cli", () => {
  const row = {
    Id: "123454321",
    Name: "network_1",
    Driver: "09.7.01",
    Scope: "global",
  } as unknown as NetworkInspect;
  const text = formatListing(networkListing({ whole: false }), [row], { format: "", quiet: false });
  expect(text).toBe("NETWORK ID   NAME        DRIVER    SCOPE\n123454321    network_1   09.7.01   global\n");
});

test("historyListing() prints as docker/cli", () => {
  const item = (fields: object) =>
    ({ Id: "", Created: 0, CreatedBy: "", Tags: [], Size: 0, Comment: "", ...fields }) as ImageHistoryItem;
  const human = historyListing({ whole: false, human: true, now });
  const fresh = item({ Id: "1234567890123456789", Created: now / 1000, Comment: "none" });
  expect(formatListing(human, [fresh], { format: "", quiet: false })).toBe(
    "IMAGE          CREATED                  CREATED BY   SIZE      COMMENT\n123456789012   Less than a second ago                0B        none\n",
  );
  const bare = historyListing({ whole: false, human: false, now });
  const rose = item({
    Id: "abcdef",
    Created: Date.parse("2017-01-01T12:00:03Z") / 1000,
    CreatedBy: "rose",
    Comment: "new history item!",
  });
  expect(formatListing(bare, [rose], { format: "", quiet: false })).toBe(
    "IMAGE     CREATED AT             CREATED BY   SIZE      COMMENT\nabcdef    2017-01-01T12:00:03Z   rose         0         new history item!\n",
  );
});

test("naturalOrder() counts digits as numbers", () => {
  const sorted = ["network-10-foo", "network-2-foo", "network-1-foo"].toSorted(naturalOrder);
  expect(sorted).toEqual(["network-1-foo", "network-2-foo", "network-10-foo"]);
});

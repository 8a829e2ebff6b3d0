import { SlipwayError } from "../../errors.ts";
import { anyOf, checkFilters, labelsMatch, type Filters } from "../filters.ts";
import { isActive, isAsleep, type ContainerRecord } from "./record.ts";

const known =
  "ancestor before exited expose health id is-task isolation label label! name network publish since status volume".split(
    " ",
  );

const statuses = ["created", "restarting", "running", "removing", "paused", "exited", "dead"];

export interface ListOptions {
  readonly all?: boolean;
  readonly limit?: number;
  readonly filters?: Filters;
}

/**
 * Records that `ps` shows, newest first. A `status` filter and a limit imply `all`, as in
 * Docker. `ancestorIds`: image IDs that the `ancestor` filter's values stand for. Pure.
 */
export function selectContainers(
  records: readonly ContainerRecord[],
  options: ListOptions,
  ancestorIds: (name: string) => string | undefined,
  find: (name: string) => ContainerRecord,
): ContainerRecord[] {
  const { filters, limit = 0 } = options;
  checkFilters(filters, known);
  checkStatuses(filters);
  for (const code of filters?.["exited"] ?? []) {
    if (!/^[+-]?\d+$/.test(code))
      throw new SlipwayError("invalid_argument", `invalid filter 'exited=${code}'`);
  }
  const all = options.all === true || limit > 0 || Boolean(filters?.["status"]?.length);
  // Of the same millisecond, the one made last comes first.
  const newestFirst = records
    .toReversed()
    .toSorted((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
  const selected = newestFirst.filter(
    (record) =>
      (all || isActive(record) || isAsleep(record) || record.state.status === "restarting") &&
      matches(record, filters, ancestorIds),
  );
  const placed = selected.filter((record) => isPlaced(record, filters, find));
  return limit > 0 ? placed.slice(0, limit) : placed;
}

function checkStatuses(filters: Filters | undefined): void {
  for (const status of filters?.["status"] ?? []) {
    if (!statuses.includes(status)) {
      throw new SlipwayError("invalid_argument", `invalid filter 'status=[${status}]'`);
    }
  }
}

function matches(
  record: ContainerRecord,
  filters: Filters | undefined,
  ancestorIds: (name: string) => string | undefined,
): boolean {
  return (
    anyOf(filters, "id", (value) => record.id.startsWith(value)) &&
    anyOf(filters, "name", (value) => nameMatches(record.name, value)) &&
    anyOf(filters, "status", (value) => record.state.status === value) &&
    anyOf(
      filters,
      "exited",
      (value) => record.state.status === "exited" && record.state.exitCode === Number(value),
    ) &&
    anyOf(filters, "health", (value) => (record.health?.Status ?? "none") === value) &&
    anyOf(filters, "ancestor", (value) => ancestorIds(value) === record.image) &&
    anyOf(filters, "volume", (value) =>
      record.mounts.some(({ point }) => point.Name === value || point.Destination === value),
    ) &&
    anyOf(filters, "network", (value) => onNetwork(record, value)) &&
    anyOf(filters, "publish", (value) => hasPort(Object.keys(record.hostConfig.PortBindings ?? {}), value)) &&
    anyOf(filters, "expose", (value) => hasPort(Object.keys(record.config.ExposedPorts ?? {}), value)) &&
    // Tasks are a swarm's.
    anyOf(filters, "is-task", (value) => /^(0|f|false)$/i.test(value)) &&
    labelsMatch(filters, record.config.Labels ?? null)
  );
}

/** Docker matches `name` as a regular expression, with and without the slash. A broken expression is a plain text. */
function nameMatches(name: string, wanted: string): boolean {
  try {
    const pattern = new RegExp(wanted);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    return name.includes(wanted);
  }
}

function onNetwork(record: ContainerRecord, wanted: string): boolean {
  if (wanted in record.networks) return true;
  return Object.values(record.endpoints).some((endpoint) => endpoint.networkId.startsWith(wanted));
}

function hasPort(keys: readonly string[], wanted: string): boolean {
  const [range = "", protocol = "tcp"] = wanted.split("/");
  const [first = 0, last = first] = range.split("-").map(Number);
  return keys.some((key) => {
    const [port = "", type = "tcp"] = key.split("/");
    return type === protocol && Number(port) >= first && Number(port) <= last;
  });
}

/** `before=X` and `since=X` place a container by its time of creation. */
function isPlaced(
  record: ContainerRecord,
  filters: Filters | undefined,
  find: (name: string) => ContainerRecord,
): boolean {
  const before = (filters?.["before"] ?? []).every((name) => record.created < find(name).created);
  return before && (filters?.["since"] ?? []).every((name) => record.created > find(name).created);
}

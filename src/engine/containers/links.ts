import { SlipwayError } from "../../errors.ts";
import { existing } from "./create/check-create.ts";
import type { ContainerHost } from "./host.ts";
import { legacyLinks, parseLink } from "./link-names.ts";
import { isActive, type ContainerRecord } from "./record.ts";

interface Link {
  readonly other: ContainerRecord;
  readonly alias: string;
  readonly network: string;
}

type LinkHost = Pick<ContainerHost, "store">;
type LinkWords = Pick<ContainerRecord, "hostConfig" | "networks" | "linked">;

/** Lines of a hosts file: address, tab, names. */
export type HostsLine = readonly [address: string, names: string];

/** Every link of a creation names a container. Throws `invalid_argument` in Docker's words. */
export function checkLinks(host: LinkHost, words: readonly string[] | null | undefined): void {
  for (const word of words ?? []) {
    const [name, alias] = parseLink(word);
    if (name === "" || alias === "")
      throw new SlipwayError("invalid_argument", `bad format for links: ${word}`);
    existing(`could not get container for ${name}`, () => host.store.get(name));
  }
}

/** Whom the links of a container mean, for its record: a rename does not change that. One of a name that nobody has is not in it. */
export function linkedIds(host: LinkHost, record: LinkWords): Readonly<Record<string, string>> {
  const { linked = {} } = record;
  const found = wordsOf(record).flatMap(({ word }) => {
    const [name] = parseLink(word);
    const id = linked[name] ?? host.store.find(name)?.id;
    return id === undefined ? [] : [[name, id] as const];
  });
  return Object.fromEntries(found);
}

/**
 * What `--link` tells of the others in the hosts file: those that run, under their alias, short ID and name. A link of
 * the default network to a container that does not run is a `conflict`, as in Docker, when `strict`.
 */
export function linkedHosts(host: LinkHost, record: ContainerRecord, strict = false): HostsLine[] {
  return linksOf(host, record).flatMap(({ other, alias, network }): HostsLine[] => {
    const endpoint = other.endpoints[network];
    if (endpoint === undefined || !isActive(other)) {
      if (!strict || network !== "bridge") return [];
      const what = `Cannot link to a non running container: /${other.name} AS /${record.name}/${alias}`;
      throw new SlipwayError("conflict", what);
    }
    const names = [...new Set([alias, other.config.Hostname ?? "", other.name])].filter(Boolean).join(" ");
    return [endpoint.address, endpoint.address6].filter(Boolean).map((address) => [address, names]);
  });
}

/** The variables Docker's default network gives for links: addresses, ports, and the other's own variables. */
export function linkedEnv(host: LinkHost, record: ContainerRecord): string[] {
  const links = linksOf(host, record).filter(({ network }) => network === "bridge");
  return links.flatMap(({ other, alias }) => envOf(record, other, alias));
}

/** Whether `record` has a link to `other`. */
export function isLinkedTo(host: LinkHost, record: ContainerRecord, other: ContainerRecord): boolean {
  return linksOf(host, record).some((link) => link.other.id === other.id);
}

/** Legacy links as `inspect` shows them: `/other:/own/alias`, by the names of now; null when there are none. */
export function shownLinks(host: LinkHost, record: ContainerRecord): string[] | null {
  const legacy = linksOf(host, { ...record, networks: {} });
  if (legacy.length === 0) return null;
  return legacy.map(({ other, alias }) => `/${other.name}:/${record.name}/${alias}`);
}

/** Others that are gone are passed over; who was made in their place has their name. */
function linksOf(host: LinkHost, record: LinkWords): Link[] {
  return wordsOf(record).flatMap(({ word, network }) => {
    const [name, alias] = parseLink(word);
    const other = host.store.byId(record.linked?.[name] ?? "") ?? host.store.find(name);
    return other === undefined ? [] : [{ other, alias, network }];
  });
}

/** Legacy links, and those of each network. */
function wordsOf(record: LinkWords): { word: string; network: string }[] {
  const legacy = legacyLinks(record).map((word) => ({ word, network: "bridge" }));
  const others = Object.entries(record.networks).flatMap(([network, { Links }]) =>
    (Links ?? []).map((word) => ({ word, network })),
  );
  return [...legacy, ...others];
}

function envOf(record: ContainerRecord, other: ContainerRecord, alias: string): string[] {
  const name = alias.toUpperCase().replaceAll("-", "_");
  const address = other.endpoints["bridge"]?.address ?? "";
  const ports = Object.keys(other.config.ExposedPorts ?? {})
    .map((key) => key.split("/"))
    .map(([port = "", protocol = "tcp"]) => ({ port, protocol }))
    .toSorted((a, b) => Number(a.port) - Number(b.port));
  const [first] = ports;
  return [
    ...(first === undefined ? [] : [`${name}_PORT=${first.protocol}://${address}:${first.port}`]),
    ...ports.flatMap(({ port, protocol }) =>
      portEnv(`${name}_PORT_${port}_${protocol.toUpperCase()}`, address, port, protocol),
    ),
    `${name}_NAME=/${record.name}/${alias}`,
    ...(other.config.Env ?? [])
      .filter((pair) => pair.includes("=") && !/^(HOME|PATH)=/.test(pair))
      .map((pair) => `${name}_ENV_${pair}`),
  ];
}

function portEnv(name: string, address: string, port: string, protocol: string): string[] {
  return [
    `${name}=${protocol}://${address}:${port}`,
    `${name}_ADDR=${address}`,
    `${name}_PORT=${port}`,
    `${name}_PROTO=${protocol}`,
  ];
}

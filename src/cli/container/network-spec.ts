import { splitCSV } from "../../dockerfile/split-csv.ts";
import type { EndpointSettings } from "../../engine/types/network.ts";
import { UsageError } from "../flags/parse-flags.ts";
import { splitPair } from "../flags/values.ts";
import type { ContainerFlags } from "../flags/container-flags.ts";

interface NetworkRequest {
  readonly name: string;
  readonly settings: EndpointSettings;
}

/**
 * `NetworkingConfig` for `--network`, and for the options that speak of the first network: `--ip`, `--ip6`, `--link`,
 * `--link-local-ip`, `--network-alias`, `--mac-address`. Throws {@link UsageError} in Docker's words. Pure.
 */
export function networkingConfig(flags: ContainerFlags): {
  EndpointsConfig: Record<string, EndpointSettings>;
} {
  const asked = flags.network.map((word) => parseNetwork(word));
  const [first = { name: "default", settings: {} }, ...others] = asked;
  const all = [{ name: first.name, settings: firstSettings(first, flags) }, ...others];
  checkTogether(all);
  const used = asked.length > 0 ? all : all.filter(({ settings }) => Object.keys(settings).length > 0);
  return { EndpointsConfig: Object.fromEntries(used.map(({ name, settings }) => [name, settings])) };
}

/** The mode of the first `--network`. Pure. */
export function networkMode(words: readonly string[]): string {
  const [first] = words;
  return first === undefined ? "default" : parseNetwork(first).name;
}

function firstSettings({ name, settings }: NetworkRequest, flags: ContainerFlags): EndpointSettings {
  const { IPAMConfig } = settings;
  const conflict = (option: string, what: string) =>
    new UsageError(`conflicting options: cannot specify both --${option} and per-network ${what}`);
  if (flags["network-alias"].length > 0 && settings.Aliases) throw conflict("network-alias", "alias");
  if (flags.ip !== "" && IPAMConfig?.IPv4Address) throw conflict("ip", "IPv4 address");
  if (flags.ip6 !== "" && IPAMConfig?.IPv6Address) throw conflict("ip6", "IPv6 address");
  if (flags["link-local-ip"].length > 0 && IPAMConfig?.LinkLocalIPs)
    throw conflict("link-local-ip", "link-local IP addresses");
  if (flags["mac-address"] !== "" && settings.MacAddress) throw conflict("mac-address", "MAC address");
  const addresses = {
    ...IPAMConfig,
    ...(flags.ip === "" ? {} : { IPv4Address: flags.ip }),
    ...(flags.ip6 === "" ? {} : { IPv6Address: flags.ip6 }),
    ...(flags["link-local-ip"].length === 0 ? {} : { LinkLocalIPs: [...flags["link-local-ip"]] }),
  };
  return {
    ...settings,
    ...(Object.keys(addresses).length === 0 ? {} : { IPAMConfig: addresses }),
    ...(flags.link.length === 0 || !isUserDefined(name) ? {} : { Links: [...flags.link] }),
    ...(flags["network-alias"].length === 0 ? {} : { Aliases: [...flags["network-alias"]] }),
    ...(flags["mac-address"] === "" ? {} : { MacAddress: macAddress(flags["mac-address"]) }),
  };
}

function checkTogether(networks: readonly NetworkRequest[]): void {
  const names = networks.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new UsageError(`conflicting options: network "${twice}" is specified multiple times`);
  if (names.length > 1 && names.some((name) => !isUserDefined(name))) {
    const why = "cannot attach both user-defined and non-user-defined network-modes";
    throw new UsageError(`conflicting options: ${why}`);
  }
}

function isUserDefined(name: string): boolean {
  return !/^(default|bridge|host|none|container:.*)$/.test(name);
}

/**
 * `front`, or `name=front,alias=web,ip=10.0.0.5,mac-address=…,driver-opt=k=v`: fields as in CSV. Throws
 * {@link UsageError} in Docker's words. Pure.
 */
export function parseNetwork(word: string): NetworkRequest {
  if (!word.includes("=")) return { name: word, settings: {} };
  const settings: EndpointSettings = {};
  let name = "";
  for (const field of splitCSV(word)) {
    const [key, value] = splitPair(field);
    const simple = key.trim().toLowerCase();
    if (simple === "name") name = value;
    else setField(settings, simple, value.trim(), field);
  }
  if (name === "") throw new UsageError("network name/id is not specified");
  return { name, settings };
}

function setField(settings: EndpointSettings, key: string, value: string, field: string): void {
  const address = (more: NonNullable<EndpointSettings["IPAMConfig"]>) => {
    settings.IPAMConfig = { ...settings.IPAMConfig, ...more };
  };
  switch (key) {
    case "alias":
      settings.Aliases = [...(settings.Aliases ?? []), value];
      return;
    case "ip":
      return address({ IPv4Address: value });
    case "ip6":
      return address({ IPv6Address: value });
    case "link-local-ip":
      return address({ LinkLocalIPs: [...(settings.IPAMConfig?.LinkLocalIPs ?? []), value] });
    case "mac-address":
      settings.MacAddress = macAddress(value);
      return;
    case "gw-priority":
      if (!/^[+-]?\d+$/.test(value)) throw new UsageError(`invalid gw-priority (${value}): invalid syntax`);
      settings.GwPriority = Number(value);
      return;
    case "driver-opt": {
      const [option, set] = splitPair(value.toLowerCase());
      settings.DriverOpts = { ...settings.DriverOpts, [option]: set };
      return;
    }
    default:
      throw new UsageError(`invalid field ${field.includes("=") ? key : field}`);
  }
}

function macAddress(text: string): string {
  if (/^[\da-fA-F]{2}([:-][\da-fA-F]{2}){5}$/.test(text)) return text;
  throw new UsageError(`${text} is not a valid mac address`);
}

import type { EndpointSettings } from "../../engine/types/network.ts";
import { UsageError } from "../flags/parse-flags.ts";
import { splitPair } from "../flags/values.ts";
import type { ContainerFlags } from "./container-spec.ts";

/** `NetworkingConfig` for `--network`, `--ip`, `--network-alias` and `--mac-address`. Pure. */
export function networkingConfig(flags: ContainerFlags): {
  EndpointsConfig: Record<string, EndpointSettings>;
} {
  const networks = flags.network.length === 0 ? ["default"] : flags.network;
  const endpoints = networks.map((word) => parseNetwork(word));
  const first = endpoints[0];
  if (first !== undefined)
    endpoints[0] = { name: first.name, settings: { ...first.settings, ...ofFlags(flags) } };
  const used = endpoints.filter(
    ({ settings }, index) => index > 0 || flags.network.length > 0 || Object.keys(settings).length > 0,
  );
  return { EndpointsConfig: Object.fromEntries(used.map(({ name, settings }) => [name, settings])) };
}

function ofFlags(flags: ContainerFlags): EndpointSettings {
  const addresses = {
    ...(flags.ip === "" ? {} : { IPv4Address: flags.ip }),
    ...(flags.ip6 === "" ? {} : { IPv6Address: flags.ip6 }),
  };
  return {
    ...(Object.keys(addresses).length === 0 ? {} : { IPAMConfig: addresses }),
    ...(flags["network-alias"].length === 0 ? {} : { Aliases: [...flags["network-alias"]] }),
    ...(flags["mac-address"] === "" ? {} : { MacAddress: flags["mac-address"] }),
  };
}

/** `front`, or `name=front,alias=web,ip=10.0.0.5,mac-address=…,driver-opt=k=v`. */
export function parseNetwork(word: string): { name: string; settings: EndpointSettings } {
  if (!word.includes("name=")) return { name: word, settings: {} };
  const settings: EndpointSettings = {};
  let name = "";
  for (const part of word.split(",")) {
    const [key, value] = splitPair(part);
    if (key === "name") name = value;
    else if (key === "alias") settings.Aliases = [...(settings.Aliases ?? []), value];
    else if (key === "ip") settings.IPAMConfig = { ...settings.IPAMConfig, IPv4Address: value };
    else if (key === "ip6") settings.IPAMConfig = { ...settings.IPAMConfig, IPv6Address: value };
    else if (key === "mac-address") settings.MacAddress = value;
    else if (key === "gw-priority") settings.GwPriority = Number(value);
    else if (key === "driver-opt") {
      const [option, set] = splitPair(value);
      settings.DriverOpts = { ...settings.DriverOpts, [option]: set };
    } else throw new UsageError(`invalid field ${key}`);
  }
  return { name, settings };
}

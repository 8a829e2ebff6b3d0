import type { EndpointSettings, NetworkCreate } from "../../engine/types/network.ts";
import {
  flag,
  integer,
  listOf,
  mapOf,
  nullable,
  object,
  objectWith,
  text,
  unsupported,
  type Check,
} from "../schema.ts";

/** Engine API `EndpointSettings`. */
export const endpointSettings: Check<EndpointSettings> = object({
  IPAMConfig: object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: listOf(text) }),
  Links: listOf(text),
  MacAddress: text,
  Aliases: listOf(text),
  DriverOpts: mapOf(text),
  GwPriority: integer,
  NetworkID: text,
  EndpointID: text,
  Gateway: text,
  IPAddress: text,
  IPPrefixLen: integer,
  IPv6Gateway: text,
  GlobalIPv6Address: text,
  GlobalIPv6PrefixLen: integer,
  DNSNames: listOf(text),
});

/** Engine API `NetworkingConfig`. */
export const networkingConfig = object({ EndpointsConfig: mapOf(nullable(endpointSettings)) });

/** Engine API `NetworkCreateRequest`. `CheckDuplicate` of older versions is always on. */
export const networkCreate: Check<NetworkCreate> = objectWith(["Name"], {
  Name: text,
  Driver: text,
  Scope: text,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  IPAM: object({
    Driver: text,
    Config: listOf(object({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: mapOf(text) })),
    Options: mapOf(text),
  }),
  EnableIPv4: flag,
  EnableIPv6: flag,
  Options: mapOf(text),
  Labels: mapOf(text),
  ConfigOnly: unsupported,
  ConfigFrom: unsupported,
});

/** Body of `POST /networks/{id}/connect`. */
export const networkConnect = objectWith(["Container"], {
  Container: text,
  EndpointConfig: endpointSettings,
});

/** Body of `POST /networks/{id}/disconnect`. */
export const networkDisconnect = objectWith(["Container"], { Container: text, Force: flag });

import { expect, test } from "bun:test";
import type { ContainerCreate } from "../../engine/types/container.ts";
import { withMacAddress } from "./mac-address.ts";

const MacAddress = "02:42:08:26:a9:55";
const on = (NetworkMode: string, EndpointsConfig?: Record<string, object>): ContainerCreate => ({
  MacAddress,
  HostConfig: { NetworkMode },
  ...(EndpointsConfig && { NetworkingConfig: { EndpointsConfig } }),
});

test.each<[string, number, ContainerCreate, object, number]>([
  ["the default network", 41, { MacAddress }, { bridge: { MacAddress } }, 0],
  ["the mode's network", 43, on("own"), { own: { MacAddress } }, 0],
  ["the only endpoint, whatever it is called", 43, on("abc", { own: {} }), { own: { MacAddress } }, 0],
  ["default is bridge", 50, on("default", { bridge: {} }), { bridge: { MacAddress } }, 1],
  [
    "beside others",
    50,
    on("own", { own: { Aliases: ["a"] }, b: {} }),
    { own: { Aliases: ["a"], MacAddress }, b: {} },
    1,
  ],
])("withMacAddress() gives it to %s", (_what, version, body, endpoints, warned) => {
  const { spec, warnings } = withMacAddress(body, version);
  expect(spec.NetworkingConfig?.EndpointsConfig ?? {}).toEqual(endpoints as never);
  expect([spec.MacAddress, warnings.length]).toEqual([undefined, warned]);
});

test("withMacAddress() before 1.44 knows no address of an endpoint", () => {
  const body = { NetworkingConfig: { EndpointsConfig: { own: { MacAddress } } } };
  expect(withMacAddress(body, 43).spec.NetworkingConfig?.EndpointsConfig).toEqual({
    own: { MacAddress: "" },
  });
  expect(withMacAddress(body, 44).spec).toEqual(body);
});

test.each<[number, ContainerCreate, string]>([
  [43, on("host"), "conflicting options: mac-address and the network mode"],
  [50, on("abc", { own: {} }), "HostConfig.NetworkMode must match the identity of a network"],
  [
    50,
    on("own", { own: { MacAddress: "02:42:08:26:a9:56" } }),
    "must match the endpoint-specific MAC address",
  ],
])("withMacAddress() of API 1.%d refuses what cannot be told apart", (version, body, words) => {
  expect(() => withMacAddress(body, version)).toThrow(words);
});

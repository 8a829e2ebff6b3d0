import { SlipwayError } from "../../errors.ts";
import type { OciDevice, OciDeviceRule } from "./oci-spec.ts";
import type { DeviceInput, RuntimeSpecInput } from "./spec-input.ts";

/**
 * Docker's rules on top of "nothing": zero, null, urandom and random. The runtime adds what it makes itself (tty,
 * ptmx, pts) and mknod of any device.
 */
const defaultRules: readonly OciDeviceRule[] = [
  { allow: false, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 5, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 9, access: "rwm" },
  { allow: true, type: "c", major: 1, minor: 8, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 0, access: "rwm" },
  { allow: true, type: "c", major: 5, minor: 1, access: "rwm" },
  { allow: false, type: "c", major: 10, minor: 229, access: "rwm" },
];

/** The rules of the devices cgroup: the last that fits decides. Privileged: everything. */
export function deviceRules(input: RuntimeSpecInput): readonly OciDeviceRule[] {
  if (input.privileged === true) return [{ allow: true, access: "rwm" }];
  return [
    ...defaultRules,
    ...(input.devices ?? []).filter((device) => device.type !== "p").map(ruleOfDevice),
    ...(input.deviceRules ?? []).map(parseDeviceRule),
  ];
}

function ruleOfDevice(device: DeviceInput): OciDeviceRule {
  const type = device.type === "b" ? "b" : "c";
  return { allow: true, type, major: device.major, minor: device.minor, access: device.permissions };
}

/** `c 42:* rmw`. Throws `invalid_argument` in Docker's words. */
export function parseDeviceRule(rule: string): OciDeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(rule);
  const [, type, major, minor, access] = match ?? [];
  if (type === undefined || major === undefined || minor === undefined || access === undefined) {
    throw new SlipwayError("invalid_argument", `invalid device cgroup rule format: '${rule}'`);
  }
  return {
    allow: true,
    type: type as "a" | "b" | "c",
    ...(major === "*" ? {} : { major: Number(major) }),
    ...(minor === "*" ? {} : { minor: Number(minor) }),
    access,
  };
}

/** The device nodes to make besides those every container has. */
export function deviceNodes(input: RuntimeSpecInput, host: readonly OciDevice[]): readonly OciDevice[] {
  const given = (input.devices ?? []).map(({ permissions: _permissions, ...device }) => device);
  if (input.privileged !== true) return given;
  const paths = new Set(given.map((device) => device.path));
  return [...host.filter((device) => !paths.has(device.path)), ...given];
}

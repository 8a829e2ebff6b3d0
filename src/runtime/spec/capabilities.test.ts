import { expect, test } from "bun:test";
import {
  allCapabilities,
  capabilitiesOfMask,
  defaultCapabilities,
  resolveCapabilities,
} from "./capabilities.ts";

const resolve = (over: { privileged?: boolean; add?: string[]; drop?: string[] }) =>
  resolveCapabilities({ privileged: false, add: [], drop: [], ...over });

test("resolveCapabilities() follows Docker's rules for add, drop and ALL", () => {
  expect(resolve({})).toEqual(defaultCapabilities);
  expect(resolve({ add: ["net_admin"] })).toEqual([...defaultCapabilities, "CAP_NET_ADMIN"]);
  expect(resolve({ drop: ["CAP_MKNOD"] })).not.toContain("CAP_MKNOD");
  expect(resolve({ drop: ["ALL"], add: ["CHOWN"] })).toEqual(["CAP_CHOWN"]);
  expect(resolve({ drop: ["all"] })).toEqual([]);
  expect(resolve({ add: ["ALL"], drop: ["SYS_ADMIN"] })).toHaveLength(allCapabilities.length - 1);
  expect(resolve({ privileged: true, drop: ["ALL"] })).toEqual(allCapabilities);
});

test("capabilitiesOfMask() names bits by the kernel's numbers", () => {
  expect(capabilitiesOfMask("0000000000000001")).toEqual(["CAP_CHOWN"]);
  expect(capabilitiesOfMask("00000000a80425fb").toSorted()).toEqual(defaultCapabilities.toSorted());
  expect(capabilitiesOfMask("000001ffffffffff")).toEqual(allCapabilities);
});

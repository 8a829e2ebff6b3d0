import { expect, test } from "bun:test";
import type { ContainerInspect } from "../../engine/types/container.ts";
import type { ImageInspect, ImageSummary } from "../../engine/types/image.ts";
import { containerInspectAnswer } from "./container-answers.ts";
import { imageInspectAnswer, imageSummaryAnswer } from "./image-answers.ts";
import { dataUsageAnswer, infoAnswer } from "./system-answers.ts";

const image = { Id: "sha256:1", Created: "", Config: { Cmd: ["sh"] }, Size: 5 } as unknown as ImageInspect;

test("imageInspectAnswer() has the fields that each version's clients look for", () => {
  const fields = (version: number) => Object.keys(imageInspectAnswer(image, version));
  expect(fields(43)).toEqual(expect.arrayContaining(["Container", "ContainerConfig", "VirtualSize"]));
  expect(imageInspectAnswer(image, 43)).toMatchObject({ Created: "0001-01-01T00:00:00Z", VirtualSize: 5 });
  expect(fields(44)).toEqual(expect.arrayContaining(["Container", "ContainerConfig"]));
  expect(fields(44)).not.toContain("VirtualSize");
  expect(fields(45)).not.toContain("ContainerConfig");
  expect(imageInspectAnswer(image, 49)).toMatchObject({ Config: { Cmd: ["sh"], AttachStdin: false } });
  expect(JSON.stringify(imageInspectAnswer(image, 50))).not.toContain("AttachStdin");
});

test("imageSummaryAnswer() calls a nameless image <none> before 1.43", () => {
  const summary = { RepoTags: [], RepoDigests: [], Size: 7 } as unknown as ImageSummary;
  expect(imageSummaryAnswer(summary, 42)).toMatchObject({ RepoTags: ["<none>:<none>"], VirtualSize: 7 });
  expect(imageSummaryAnswer(summary, 43)).toMatchObject({ RepoTags: [], VirtualSize: 7 });
  expect(imageSummaryAnswer(summary, 50)).toEqual(summary);
});

test("containerInspectAnswer() lists the short ID among aliases before 1.45", () => {
  const container = {
    Id: "0123456789abcdef",
    Config: { Hostname: "h" },
    NetworkSettings: { Networks: { bridge: { Aliases: null }, own: { Aliases: ["web"], MacAddress: "m" } } },
  } as unknown as ContainerInspect;
  const aliases = (version: number) =>
    (containerInspectAnswer(container, version) as ContainerInspect).NetworkSettings.Networks["own"]?.Aliases;
  expect(aliases(44)).toEqual(["web", "0123456789ab", "h"]);
  expect(aliases(45)).toEqual(["web"]);
  expect(containerInspectAnswer(container, 44)).toMatchObject({
    NetworkSettings: { Networks: { bridge: { Aliases: null } } },
  });
});

test("infoAnswer() and dataUsageAnswer() leave out what came later", () => {
  const info = { DiscoveredDevices: [], CDISpecDirs: [], SecurityOptions: ["name=seccomp,profile=builtin"] };
  expect(Object.keys(infoAnswer(info, 50))).toEqual(["SecurityOptions", "DiscoveredDevices", "CDISpecDirs"]);
  expect(Object.keys(infoAnswer(info, 45))).toEqual(["SecurityOptions"]);
  expect(infoAnswer(info, 24)).toMatchObject({ SecurityOptions: ["seccomp"] });
  const item = { ID: "a", Parents: ["p"], Size: 3 };
  const usage = { BuildCache: [item] } as Parameters<typeof dataUsageAnswer>[0];
  expect(dataUsageAnswer(usage, 41)).toEqual({
    BuildCache: [{ ID: "a", Parent: "p", Size: 3 }],
    BuilderSize: 3,
  });
  expect(dataUsageAnswer(usage, 50)).toEqual({ BuildCache: [item] });
});

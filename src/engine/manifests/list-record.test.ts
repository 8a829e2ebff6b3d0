import { expect, test } from "bun:test";
import { mediaTypes } from "../../oci/media-types.ts";
import type { ManifestListEntry, ManifestPlatform } from "../types/manifest-list.ts";
import { annotated, listIndex, withEntries } from "./list-record.ts";

const arm: ManifestPlatform = { architecture: "arm", os: "linux" };

function entry(mediaType: string, Ref = "docker.io/library/app:1"): ManifestListEntry {
  const digest = "sha256:7328f6f8b41890597575cbaadc884e7386ae0acc53b747401ebce5cf0d62abcd";
  const Descriptor = { mediaType, digest, size: 528, platform: { architecture: "amd64", os: "linux" } };
  return { Ref, Source: "registry", Raw: "", Descriptor };
}

test("listIndex() writes Docker's manifest list, byte for byte, when every manifest is Docker's", () => {
  const { mediaType, bytes } = listIndex([entry(mediaTypes.dockerManifest)]);
  expect(mediaType).toBe(mediaTypes.dockerManifestList);
  expect(Buffer.from(bytes).toString()).toBe(`{
   "schemaVersion": 2,
   "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
   "manifests": [
      {
         "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
         "size": 528,
         "digest": "sha256:7328f6f8b41890597575cbaadc884e7386ae0acc53b747401ebce5cf0d62abcd",
         "platform": {
            "architecture": "amd64",
            "os": "linux"
         }
      }
   ]
}`);
});

test("listIndex() writes an OCI index when a manifest is OCI's", () => {
  const entries = [
    entry(mediaTypes.dockerManifest),
    entry(mediaTypes.ociManifest, "docker.io/library/app:2"),
  ];
  expect(listIndex(entries).mediaType).toBe(mediaTypes.ociIndex);
});

test("withEntries() replaces what has the same name and keeps the order", () => {
  const [one, two] = [entry("a", "r/one:1"), entry("a", "r/two:1")];
  const newer = entry("b", "r/one:1");
  expect(withEntries([one, two], [newer])).toEqual([newer, two]);
});

test("annotated() keeps what is not said, adds features once, and refuses what is no platform", () => {
  expect(annotated(arm, { variant: "v6", "os.features": ["x"] })).toEqual({
    ...arm,
    variant: "v6",
    "os.features": ["x"],
  });
  expect(annotated({ ...arm, "os.features": ["x"] }, { "os.features": ["x", "y"] })["os.features"]).toEqual([
    "x",
    "y",
  ]);
  expect(() => annotated(arm, { architecture: "z80" })).toThrow(
    "manifest entry for image has unsupported os/arch combination: linux/z80",
  );
});

import { parseDockerfile } from "../../src/dockerfile/parse-dockerfile.ts";
import type { Digest } from "../../src/oci/digest.ts";
import type { ImageConfig } from "../../src/oci/image-config.ts";
import { imageKey } from "../../src/build/plan/image-table.ts";
import { planBuild } from "../../src/build/plan/plan-build.ts";
import type { BuildPlan, KnownImage } from "../../src/build/vertex.ts";

export const platform = { os: "linux", architecture: "amd64" };

/** What the recorder had for every base image. */
export const stubImage: ImageConfig = {
  architecture: "amd64",
  os: "linux",
  config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sh"] },
  rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
  history: [{ created_by: "base" }],
};

/** The plan of a Dockerfile on stubbed images, without build arguments. Throws what the planner throws. */
export function stubPlan(dockerfile: string): BuildPlan {
  const images = new Map<string, KnownImage>();
  const file = parseDockerfile(dockerfile, { filename: "Dockerfile" });
  for (;;) {
    const result = planBuild(file, {
      platform,
      buildPlatform: platform,
      images,
      allow: ["network.host", "security.insecure"],
    });
    if (result.kind === "plan") return result.plan;
    const id = `sha256:${"1".repeat(64)}` as Digest;
    for (const need of result.images)
      images.set(imageKey(need), { id, manifest: { mediaType: "", digest: id, size: 1 }, config: stubImage });
  }
}

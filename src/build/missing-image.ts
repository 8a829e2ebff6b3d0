import type { Dockerfile } from "../dockerfile/dockerfile.ts";
import { didYouMean } from "../dockerfile/suggest.ts";
import { errorMessage, SlipwayError } from "../errors.ts";
import { formatPlatform, isKnownPlatform } from "../oci/platform.ts";
import type { ImageNeed } from "./vertex.ts";

/** What many Dockerfiles begin with. */
const common = "alpine busybox centos debian fedora golang node nginx python ubuntu".split(" ");

/** An image that cannot be had: the error with the place that names the image, and what may have been meant. */
export function missingImage(error: unknown, need: ImageNeed, { stages }: Dockerfile): unknown {
  const { written, platform } = need;
  if (!(error instanceof SlipwayError) || written === undefined) return error;
  const names = [...stages.flatMap(({ name }) => name ?? []), ...common];
  const near = didYouMean(written.name, names.includes(written.name.toLowerCase()) ? [] : names);
  const unknown = isKnownPlatform(platform) ? "" : ` (no known platform: ${formatPlatform(platform)})`;
  const { file = "Dockerfile", startLine } = written.location;
  const message = `${file}:${startLine}: ${errorMessage(error)}${unknown || near}`;
  return new SlipwayError(error.code, message, { cause: error });
}

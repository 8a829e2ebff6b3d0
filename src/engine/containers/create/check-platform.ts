import { SlipwayError } from "../../../errors.ts";
import type { ImageConfig } from "../../../oci/image-config.ts";
import { platformDistance } from "../../../oci/platform-match.ts";
import { formatPlatform, hostPlatform, parsePlatform } from "../../../oci/platform.ts";

/**
 * Whether the image is for the platform asked for. Throws `not_found`, so that a client pulls the one that is; without
 * a wish, an image for another machine is only warned of: the host may run it. Docker's words. Pure.
 */
export function checkPlatform(name: string, image: ImageConfig, asked: string | undefined): string[] {
  const host = hostPlatform();
  if (asked) {
    if (platformDistance(parsePlatform(asked), image, { exact: true }) !== undefined) return [];
    const what = `image with reference ${name} was found but its platform (${formatPlatform(image)})`;
    throw new SlipwayError("not_found", `${what} does not match the specified platform (${asked})`);
  }
  if (platformDistance(host, image) !== undefined) return [];
  const what = `The requested image's platform (${formatPlatform(image)})`;
  return [
    `${what} does not match the detected host platform (${formatPlatform(host)}) and no specific platform was requested`,
  ];
}

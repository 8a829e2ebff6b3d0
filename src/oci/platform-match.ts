import type { Descriptor } from "./descriptor.ts";
import { normalizePlatform, type Platform } from "./platform.ts";

/**
 * How well content made for `candidate` runs on `wanted`: 0 is exactly that, higher is further off (a smaller
 * variant, a 32-bit relative), undefined is not at all. `exact` refuses all but the platform itself.
 */
export function platformDistance(
  wanted: Platform,
  candidate: Platform,
  options: { readonly exact?: boolean } = {},
): number | undefined {
  const want = normalizePlatform(wanted);
  const have = normalizePlatform(candidate);
  if (want.os !== have.os || !versionRuns(want, have) || !featuresRun(want, have)) return undefined;
  const name = `${have.architecture}/${have.variant ?? ""}`;
  const runnable = options.exact === true ? runnableNames(want).slice(0, 1) : runnableNames(want);
  const distance = runnable.indexOf(name);
  return distance === -1 ? undefined : distance;
}

/**
 * The entry of an index to take for a platform: the nearest, of equals the one with the most OS features, of those
 * the first. An entry that names no platform is taken when nothing else fits (its config says what it is).
 */
export function selectManifest(
  manifests: readonly Descriptor[],
  platform: Platform,
  options: { readonly exact?: boolean } = {},
): Descriptor | undefined {
  let best: { descriptor: Descriptor; distance: number; features: number } | undefined;
  for (const descriptor of manifests) {
    if (descriptor.platform === undefined) continue;
    const distance = platformDistance(platform, descriptor.platform, options);
    if (distance === undefined) continue;
    const features = descriptor.platform["os.features"]?.length ?? 0;
    const nearer = best === undefined || distance < best.distance;
    if (nearer || (distance === best?.distance && features > best.features))
      best = { descriptor, distance, features };
  }
  return best?.descriptor ?? manifests.find((descriptor) => descriptor.platform === undefined);
}

/** What a CPU runs, best first, as `architecture/variant` in normal spelling. */
function runnableNames({ architecture, variant = "" }: Platform): string[] {
  if (architecture === "amd64") return [...amd64Names(variant), "386/"];
  if (architecture === "arm") return armNames(variant);
  if (architecture === "arm64") return [...arm64Names(variant), ...armNames("v8")];
  return [`${architecture}/${variant}`];
}

function amd64Names(variant: string): string[] {
  const level = Number(/^v(\d)$/.exec(variant)?.[1] ?? 1);
  const lower = Array.from({ length: Math.max(level - 1, 0) }, (_, index) => level - 1 - index);
  return [`amd64/${variant}`, ...lower.map((each) => (each === 1 ? "amd64/" : `amd64/v${each}`))];
}

/** Every ARM since v5 runs the ones before it, down to v5. */
function armNames(variant: string): string[] {
  const version = Number(/^v(\d)$/.exec(variant)?.[1] ?? 0);
  const lower = Array.from({ length: Math.max(version - 5, 0) }, (_, index) => version - 1 - index);
  return [`arm/${variant}`, ...lower.map((each) => `arm/v${each}`)];
}

/** v9.N runs v9.0 to v9.N and v8.0 to v8.(N+5), the last being v8.9; v8.N runs v8.0 to v8.N. */
function arm64Names(variant: string): string[] {
  const match = /^v([89])(?:\.(\d))?$/.exec(variant === "" ? "v8" : variant);
  if (match === null) return [`arm64/${variant}`];
  const minor = Number(match[2] ?? 0);
  if (match[1] === "8") return minors("v8", minor);
  return [...minors("v9", minor), ...minors("v8", Math.min(minor + 5, 9))];
}

function minors(major: "v8" | "v9", last: number): string[] {
  const base = major === "v8" ? "arm64/" : "arm64/v9";
  return Array.from({ length: last + 1 }, (_, index) =>
    index === last ? base : `arm64/${major}.${last - index}`,
  );
}

/** Only Windows ties an image to a kernel: to the build, the third number. */
function versionRuns(want: Platform, have: Platform): boolean {
  const wanted = want["os.version"];
  const has = have["os.version"];
  if (want.os !== "windows" || wanted === undefined || has === undefined) return true;
  return build(wanted) === build(has);
}

function build(version: string): string {
  return version.split(".").slice(0, 3).join(".");
}

/** What the image needs of the OS must be there. */
function featuresRun(want: Platform, have: Platform): boolean {
  const available = want["os.features"] ?? [];
  return (have["os.features"] ?? []).every((feature) => available.includes(feature));
}

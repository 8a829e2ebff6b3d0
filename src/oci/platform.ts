import { SlipwayError } from "../errors.ts";

/** What a manifest was made for, in Go's names (image-spec, image-index.md, "platform"). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

const knownOS = new Set(
  (
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris " +
    "wasip1 windows zos"
  ).split(" "),
);
const knownArchitectures = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 " +
    "mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);
const architectureOfNode: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  ppc64: "ppc64le",
  mipsel: "mipsle",
};
const osPattern = /^([\w-]+)(?:\(([\w.%-]*)((?:\+[\w.%-]+)*)\))?$/;
const partPattern = /^[\w.-]+$/;
const maxLength = 4096;

/** The platform of the machine this runs on. Containers are Linux everywhere. */
export function hostPlatform(): Platform {
  const architecture = architectureOfNode[process.arch] ?? process.arch;
  return normalizePlatform({ os: "linux", architecture });
}

/**
 * Parses `linux/arm64/v8`, `linux/arm64`, `arm64` or `linux`; what is missing is taken from `host`. An OS may carry
 * version and features: `windows(10.0.17763+win32k)/amd64`. Throws `invalid_argument`.
 */
export function parsePlatform(text: string, host: Platform = hostPlatform()): Platform {
  if (text.length > maxLength) throw invalid(text.slice(0, 40), "too long");
  const [first = "", ...rest] = text.split("/");
  const os = parseOS(text, first);
  for (const part of rest) if (!partPattern.test(part)) throw invalid(text, `"${part}" is no component`);
  if (rest.length > 2) throw invalid(text, "too many components");
  const [architecture, variant] = rest;
  if (architecture === undefined) return withHost(text, os, host);
  const normal = normalizeArchitecture(architecture, variant ?? "");
  return compose(os, normal.architecture, spelledVariant(normal, variant !== undefined));
}

/** Whether both names are among those that Go knows. */
export function isKnownPlatform({ os, architecture }: Pick<Platform, "os" | "architecture">): boolean {
  return knownOS.has(os) && knownArchitectures.has(architecture);
}

/** The one spelling of a platform: `x86_64` is amd64, `arm` without variant is v7, `arm64/v8` has none. */
export function normalizePlatform(platform: Platform): Platform {
  const { architecture, variant } = normalizeArchitecture(platform.architecture, platform.variant ?? "");
  const { variant: _dropped, ...others } = platform;
  return { ...others, os: normalizeOS(platform.os), architecture, ...(variant !== "" && { variant }) };
}

/** `linux/arm64/v8`; OS version and features in parentheses when it has any. An empty OS is `unknown`. */
export function formatPlatform(platform: Platform): string {
  if (platform.os === "") return "unknown";
  const features = (platform["os.features"] ?? []).filter((feature) => feature !== "").toSorted();
  const options = [platform["os.version"] ?? "", ...features].map(escapeOption).join("+");
  const os = options === "" ? platform.os : `${platform.os}(${options})`;
  return [os, platform.architecture, platform.variant ?? ""].filter((part) => part !== "").join("/");
}

type OS = Pick<Platform, "os" | "os.version" | "os.features">;

function parseOS(text: string, part: string): OS {
  const [, name, version, features] = osPattern.exec(part) ?? [];
  if (name === undefined) throw invalid(text, part.includes("*") ? "wildcards are not supported" : "bad OS");
  const list = (features ?? "")
    .split("+")
    .filter((feature) => feature !== "")
    .map((f) => unescapeOption(text, f));
  return {
    os: name,
    ...(version !== undefined && version !== "" && { "os.version": unescapeOption(text, version) }),
    ...(list.length > 0 && { "os.features": list }),
  };
}

/** A single component is an OS or an architecture; the host's value stands for the other. */
function withHost(text: string, os: OS, host: Platform): Platform {
  if (knownOS.has(normalizeOS(os.os))) return compose(os, host.architecture, host.variant ?? "");
  const normal = normalizeArchitecture(os.os, "");
  if (!knownArchitectures.has(normal.architecture))
    throw invalid(text, "unknown operating system or architecture");
  return { os: host.os, ...pair(normal.architecture, spelledVariant(normal, false)) };
}

function compose(os: OS, architecture: string, variant: string): Platform {
  return { ...os, os: normalizeOS(os.os), ...pair(architecture, variant) };
}

function pair(architecture: string, variant: string): Pick<Platform, "architecture" | "variant"> {
  return { architecture, ...(variant !== "" && { variant }) };
}

/** What was left out stays out, and `arm64/v8` keeps the variant that normalising would drop. */
function spelledVariant({ architecture, variant }: Normal, hasVariant: boolean): string {
  if (!hasVariant && architecture === "arm" && variant === "v7") return "";
  return hasVariant && architecture === "arm64" && variant === "" ? "v8" : variant;
}

interface Normal {
  readonly architecture: string;
  readonly variant: string;
}

function normalizeArchitecture(name: string, variantName: string): Normal {
  const architecture = name.toLowerCase();
  const variant = variantName.toLowerCase();
  const numbered = /^\d/.test(variant) ? `v${variant}` : variant;
  switch (architecture) {
    case "i386":
      return { architecture: "386", variant: "" };
    case "x86_64":
    case "x86-64":
    case "amd64":
      return { architecture: "amd64", variant: numbered === "v1" ? "" : numbered };
    case "aarch64":
    case "arm64":
      return { architecture: "arm64", variant: normalizeArm64Variant(numbered) };
    case "armhf":
      return { architecture: "arm", variant: "v7" };
    case "armel":
      return { architecture: "arm", variant: "v6" };
    case "arm":
      return { architecture, variant: numbered === "" ? "v7" : numbered };
    default:
      return { architecture, variant };
  }
}

function normalizeArm64Variant(variant: string): string {
  const whole = variant.replace(/\.0$/, "");
  return whole === "v8" ? "" : whole;
}

function normalizeOS(name: string): string {
  const os = name.toLowerCase();
  return os === "macos" ? "darwin" : os;
}

function escapeOption(text: string): string {
  return text.replace(/[%+()/]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescapeOption(text: string, option: string): string {
  try {
    return decodeURIComponent(option);
  } catch (error) {
    throw new SlipwayError("invalid_argument", `"${text}" is an invalid OS component of a platform`, {
      cause: error,
    });
  }
}

function invalid(text: string, reason: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Invalid platform "${text}": ${reason}`);
}

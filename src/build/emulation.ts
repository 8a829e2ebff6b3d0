import { readFileSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { placeInFile, type Vertex } from "./vertex.ts";

/** Where the kernel lists who runs programs of other machines (kernel documentation, "binfmt-misc"). */
const registrations = "/proc/sys/fs/binfmt_misc";

/** What QEMU's emulators are called. */
const emulators: Readonly<Record<string, readonly string[]>> = {
  amd64: ["qemu-x86_64"],
  "386": ["qemu-i386"],
  arm64: ["qemu-aarch64"],
  arm: ["qemu-arm"],
  ppc64le: ["qemu-ppc64le"],
  s390x: ["qemu-s390x"],
  riscv64: ["qemu-riscv64"],
  loong64: ["qemu-loongarch64"],
  mips64le: ["qemu-mips64el"],
  mips64: ["qemu-mips64"],
};

/**
 * Throws `unavailable` when a step runs programs of another machine and nothing on this one can: before anything is run,
 * and with what to install. Steps that only copy files need no emulator.
 */
export function checkEmulation(vertices: readonly Vertex[], directory = registrations): void {
  for (const vertex of vertices) {
    const platform = vertex.op.kind === "exec" ? vertex.op.platform : undefined;
    if (platform === undefined || isEmulated(platform, directory)) continue;
    const place = placeInFile(vertex);
    const what =
      `${place === undefined ? "" : `${place}: `}Cannot run programs of ${formatPlatform(platform)}: this machine has ` +
      "no emulator for them; install qemu-user-static and binfmt-support (Debian, Ubuntu), or another that " +
      "registers with binfmt_misc";
    throw new SlipwayError("unavailable", what);
  }
}

/** Only an emulator that the kernel has opened already (flag F) is found from within a step's filesystem. */
function isEmulated({ architecture }: Platform, directory: string): boolean {
  return (emulators[architecture] ?? []).some((name) => {
    try {
      const text = readFileSync(`${directory}/${name}`, "utf8");
      return text.startsWith("enabled") && /^flags: \w*F/m.test(text);
    } catch {
      return false;
    }
  });
}

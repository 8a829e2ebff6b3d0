import { SlipwayError } from "../../errors.ts";
import type { OciCapabilities } from "./oci-spec.ts";

/** All capabilities of Linux by their number (include/uapi/linux/capability.h). */
export const allCapabilities: readonly string[] = `
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
  .trim()
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

/** What Docker gives a container that asks for nothing. */
export const defaultCapabilities: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

export interface CapabilityRequest {
  readonly privileged: boolean;
  /** `NET_ADMIN`, `CAP_NET_ADMIN` or `ALL`, in any case */
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/** The names of the capabilities whose bits are set in a mask of /proc/<pid>/status. */
export function capabilitiesOfMask(hex: string): readonly string[] {
  const mask = BigInt(`0x${hex.trim()}`);
  return allCapabilities.filter((_name, bit) => (mask >> BigInt(bit)) & 1n);
}

/**
 * Docker's rules: privileged is all; `ALL` added is all but the dropped; `ALL` dropped is the added alone; else the
 * default ones without the dropped and with the added. Throws `invalid_argument` for a name that does not exist.
 */
export function resolveCapabilities(request: CapabilityRequest): readonly string[] {
  const add = request.add.map((name) => normalized("CapAdd", name));
  const drop = request.drop.map((name) => normalized("CapDrop", name));
  if (request.privileged) return allCapabilities;
  if (add.includes("ALL")) return allCapabilities.filter((name) => !drop.includes(name));
  if (drop.includes("ALL")) return inOrder(add);
  return inOrder([...defaultCapabilities.filter((name) => !drop.includes(name)), ...add]);
}

/** A process of another user than root starts with none in effect, as execve would leave it. */
export function processCapabilities(granted: readonly string[], uid: number): OciCapabilities {
  if (uid !== 0) return { bounding: granted };
  return { bounding: granted, effective: granted, permitted: granted };
}

function inOrder(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function normalized(field: string, name: string): string {
  const upper = name.toUpperCase();
  if (upper === "ALL" || upper === "CAP_ALL") return "ALL";
  const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (allCapabilities.includes(full)) return full;
  throw new SlipwayError("invalid_argument", `invalid ${field}: unknown capability: "${full}"`);
}

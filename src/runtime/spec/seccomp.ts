import { SlipwayError } from "../../errors.ts";
import type { OciSeccomp, OciSyscall } from "./oci-spec.ts";
import { seccompArchitectures, seccompTable, type SeccompRow } from "./seccomp-table.ts";

/** Docker's default profile for a container with these capabilities (`CAP_…`) on `architecture` (Go's name). */
export function defaultSeccomp(architecture: string, capabilities: readonly string[]): OciSeccomp {
  const has = new Set(capabilities);
  const rows = seccompTable.filter((row) => applies(row, architecture, has));
  const architectures = seccompArchitectures[architecture];
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    ...(architectures === undefined ? {} : { architectures }),
    syscalls: rows.map(syscall),
  };
}

function applies(row: SeccompRow, architecture: string, has: ReadonlySet<string>): boolean {
  if (row.arches !== undefined && !row.arches.includes(architecture)) return false;
  if (row.notArches?.includes(architecture) === true) return false;
  if (row.capability !== undefined && !has.has(row.capability)) return false;
  return row.without === undefined || !has.has(row.without);
}

function syscall(row: SeccompRow): OciSyscall {
  return {
    names: row.names.trim().split(/\s+/),
    action: row.errno === undefined ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO",
    ...(row.errno === undefined ? {} : { errnoRet: row.errno }),
    ...(row.args === undefined ? {} : { args: row.args }),
  };
}

interface ProfileConditions {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
}

interface ProfileSyscall extends Partial<OciSyscall> {
  readonly name?: string;
  readonly includes?: ProfileConditions;
  readonly excludes?: ProfileConditions;
}

/**
 * A profile in Docker's format (`--security-opt seccomp=FILE`), resolved for these capabilities. Throws
 * `invalid_argument`.
 */
export function seccompFromProfile(
  json: string,
  architecture: string,
  capabilities: readonly string[],
): OciSeccomp {
  const profile = parseProfile(json);
  const has = new Set(capabilities);
  const rules = (profile.syscalls ?? []).filter((rule) => meets(rule, architecture, has));
  const architectures = profile.architectures ?? seccompArchitectures[architecture];
  return {
    defaultAction: profile.defaultAction ?? "SCMP_ACT_ERRNO",
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    ...(architectures === undefined ? {} : { architectures }),
    syscalls: rules.map(ruleOf),
  };
}

type Profile = Partial<Omit<OciSeccomp, "syscalls">> & { readonly syscalls?: readonly ProfileSyscall[] };

function parseProfile(json: string): Profile {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw new SlipwayError("invalid_argument", "Decoding seccomp profile failed: no JSON", { cause });
  }
  throw new SlipwayError("invalid_argument", "Decoding seccomp profile failed: no JSON object");
}

function meets(rule: ProfileSyscall, architecture: string, has: ReadonlySet<string>): boolean {
  const { includes = {}, excludes = {} } = rule;
  if (includes.arches !== undefined && !includes.arches.includes(architecture)) return false;
  if (includes.caps?.every((name) => has.has(name)) === false) return false;
  if (excludes.arches?.includes(architecture) === true) return false;
  return excludes.caps?.some((name) => has.has(name)) !== true;
}

function ruleOf(rule: ProfileSyscall): OciSyscall {
  const names = rule.names ?? (rule.name === undefined ? [] : [rule.name]);
  if (names.length === 0 || rule.action === undefined) {
    throw new SlipwayError(
      "invalid_argument",
      "Decoding seccomp profile failed: a rule without names or action",
    );
  }
  return {
    names,
    action: rule.action,
    ...(rule.errnoRet === undefined ? {} : { errnoRet: rule.errnoRet }),
    ...(rule.args === undefined || rule.args === null ? {} : { args: rule.args }),
  };
}

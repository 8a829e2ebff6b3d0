import { existsSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import type { HostFacts, RuntimeSpecInput } from "../../runtime/spec/spec-input.ts";
import type { HostConfig } from "../types/container-config.ts";

type Security = Pick<
  RuntimeSpecInput,
  | "privileged"
  | "capAdd"
  | "capDrop"
  | "noNewPrivileges"
  | "apparmorProfile"
  | "seccomp"
  | "maskedPaths"
  | "readonlyPaths"
>;

/**
 * `--privileged`, `--cap-…` and `--security-opt`. Throws for an option this engine does not know, and for an AppArmor
 * profile where the kernel enforces none. Pure.
 */
export function securityOf(config: HostConfig, facts: Pick<HostFacts, "apparmor">): Security {
  return {
    privileged: config.Privileged === true,
    capAdd: config.CapAdd ?? [],
    capDrop: config.CapDrop ?? [],
    ...(config.MaskedPaths == null ? {} : { maskedPaths: config.MaskedPaths }),
    ...(config.ReadonlyPaths == null ? {} : { readonlyPaths: config.ReadonlyPaths }),
    ...Object.assign({}, ...(config.SecurityOpt ?? []).map((word) => option(word, facts))),
  };
}

/** `key=value`, and the old `key:value`. */
function option(word: string, facts: Pick<HostFacts, "apparmor">): Partial<Security> {
  const [, key = "", separator, value = ""] = /^([a-z-]+)(?:([=:])(.*))?$/s.exec(word) ?? [];
  if (separator === undefined && key !== "no-new-privileges") throw invalid(1, word);
  switch (key) {
    case "no-new-privileges":
      if (!["", "true", "false"].includes(value)) throw invalid(2, word);
      return { noNewPrivileges: value !== "false" };
    case "seccomp":
      if (value === "unconfined") return { seccomp: "unconfined" };
      return { seccomp: value === "builtin" ? "default" : { profile: value } };
    case "label":
      return selinux(value);
    case "apparmor":
      if (value === "unconfined" || value === "") return {};
      if (facts.apparmor) return { apparmorProfile: value };
      throw new SlipwayError(
        "invalid_argument",
        `AppArmor is not supported on this host, but the profile '${value}' was specified`,
      );
    default:
      throw invalid(2, word);
  }
}

/** SELinux labels have no effect on hosts without it, and Slipway sets none on those with it. */
function selinux(value: string): Partial<Security> {
  if (value === "disable" || !existsSync("/sys/fs/selinux/enforce")) return {};
  throw new SlipwayError("not_implemented", `--security-opt label=${value} is not supported`);
}

function invalid(which: 1 | 2, word: string): SlipwayError {
  return new SlipwayError("invalid_argument", `invalid --security-opt ${which}: "${word}"`);
}

import { SlipwayError } from "../../errors.ts";
import type { RuntimeSpecInput } from "../../runtime/spec/spec-input.ts";
import type { HostConfig } from "../types/container-config.ts";

type Security = Pick<
  RuntimeSpecInput,
  "privileged" | "capAdd" | "capDrop" | "noNewPrivileges" | "seccomp" | "maskedPaths" | "readonlyPaths"
>;

/** `--privileged`, `--cap-…` and `--security-opt`. Throws for an option this engine does not know. Pure. */
export function securityOf(config: HostConfig): Security {
  return {
    privileged: config.Privileged === true,
    capAdd: config.CapAdd ?? [],
    capDrop: config.CapDrop ?? [],
    ...(config.MaskedPaths == null ? {} : { maskedPaths: config.MaskedPaths }),
    ...(config.ReadonlyPaths == null ? {} : { readonlyPaths: config.ReadonlyPaths }),
    ...Object.assign({}, ...(config.SecurityOpt ?? []).map(option)),
  };
}

/** `key=value`, and the old `key:value`. Labels and AppArmor profiles have no effect where the host enforces none. */
function option(word: string): Partial<Security> {
  const [, key = "", value = ""] = /^([a-z-]+)(?:[=:](.*))?$/s.exec(word) ?? [];
  switch (key) {
    case "no-new-privileges":
      return { noNewPrivileges: value !== "false" };
    case "seccomp":
      if (value === "unconfined") return { seccomp: "unconfined" };
      return { seccomp: value === "builtin" ? "default" : { profile: value } };
    case "label":
    case "apparmor":
      return {};
    default:
      throw new SlipwayError("invalid_argument", `invalid --security-opt 2: "${word}"`);
  }
}

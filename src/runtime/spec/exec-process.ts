import type { ExecConfig } from "../runtime.ts";
import type { OciProcess, OciSpec } from "./oci-spec.ts";
import { processCapabilities } from "./capabilities.ts";

/** The process of an exec (runtime-spec, config.md, "process"): what `config` leaves open is as the container's own. */
export function execProcess(spec: OciSpec, config: ExecConfig): OciProcess {
  const { consoleSize: _size, ...own } = spec.process;
  const bounding = config.capabilities ?? own.capabilities?.bounding ?? [];
  return {
    ...own,
    terminal: config.terminal,
    user: { ...config.user },
    args: config.args,
    env: config.env,
    cwd: config.cwd,
    capabilities: processCapabilities(bounding, config.user.uid),
    noNewPrivileges: config.noNewPrivileges ?? own.noNewPrivileges ?? false,
  };
}

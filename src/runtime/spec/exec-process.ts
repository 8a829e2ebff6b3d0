import type { ExecConfig } from "../runtime.ts";
import type { OciProcess, OciSpec } from "./oci-spec.ts";
import { processCapabilities } from "./capabilities.ts";

/**
 * The process of an exec (runtime-spec, config.md, "process"): what `config` leaves open is as the container's own. Of the
 * capabilities it gets those that are `available` to this process.
 */
export function execProcess(spec: OciSpec, config: ExecConfig, available: readonly string[]): OciProcess {
  const { consoleSize: _size, ...own } = spec.process;
  const wanted = config.capabilities ?? own.capabilities?.bounding ?? [];
  const bounding = wanted.filter((name) => available.includes(name));
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

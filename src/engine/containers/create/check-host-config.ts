import { SlipwayError } from "../../../errors.ts";
import type { HostConfig } from "../../types/container-config.ts";

/**
 * Refuses what cannot go together and what this engine cannot give, by name: nothing asked for is dropped in silence.
 * Throws `invalid_argument` and `not_implemented` in Docker's words. Pure.
 */
export function checkHostConfig(config: HostConfig): void {
  checkRestartPolicy(config);
  checkModes(config);
  checkUnsupported(config);
}

function checkRestartPolicy(config: HostConfig): void {
  const policy = config.RestartPolicy?.Name || "no";
  if (config.AutoRemove && policy !== "no") {
    throw invalid("can't create 'AutoRemove' container with restart policy");
  }
  if (config.AutoRemove && config.RestartUnhealthy) {
    throw invalid("Conflicting options: --restart-unhealthy and --rm");
  }
  const retries = config.RestartPolicy?.MaximumRetryCount ?? 0;
  if (!["no", "always", "unless-stopped", "on-failure"].includes(policy)) {
    throw invalid(
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (retries !== 0 && policy !== "on-failure") {
    throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  if (retries < 0) throw invalid("invalid restart policy: maximum retry count cannot be negative");
}

function checkModes(config: HostConfig): void {
  const modes: [what: string, mode: string, allowed: RegExp][] = [
    ["IPC mode", config.IpcMode ?? "", /^(|none|private|shareable|host|container:.+)$/],
    ["PID mode", config.PidMode ?? "", /^(|host|container:.+)$/],
    ["UTS mode", config.UTSMode ?? "", /^(|host)$/],
    ["cgroup namespace mode", config.CgroupnsMode ?? "", /^(|host|private)$/],
    ["user namespace mode", config.UsernsMode ?? "", /^(|host)$/],
  ];
  const bad = modes.find(([, mode, allowed]) => !allowed.test(mode));
  if (bad !== undefined) throw invalid(`invalid ${bad[0]}: ${bad[1]}`);
  if (Object.hasOwn(config.Annotations ?? {}, "")) {
    throw invalid("invalid Annotations: the empty string is not permitted as an annotation key");
  }
  if (!/^(|default)$/i.test(config.Isolation ?? "")) {
    throw invalid(`invalid isolation '${config.Isolation}' on linux`);
  }
  if ((config.ShmSize ?? 0) < 0) throw invalid("SHM size can not be less than 0");
  const score = config.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000) {
    throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
}

function checkUnsupported(config: HostConfig): void {
  const [request] = config.DeviceRequests ?? [];
  if (request !== undefined) {
    const kinds = (request.Capabilities ?? []).map((all) => `[${all.join(" ")}]`).join(" ");
    const what = `could not select device driver "${request.Driver ?? ""}" with capabilities: [${kinds}]`;
    throw new SlipwayError("not_implemented", what);
  }
  const driver = config.VolumeDriver ?? "";
  if (driver !== "" && driver !== "local") {
    throw new SlipwayError(
      "not_implemented",
      `--volume-driver ${driver} is not supported: there are no plugins`,
    );
  }
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}

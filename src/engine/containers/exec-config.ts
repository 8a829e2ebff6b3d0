import type { ExecConfig } from "../../runtime/runtime.ts";
import { readAccountsToStart, resolveUser } from "../../runtime/user.ts";
import type { ExecCreate } from "../types/container.ts";
import { processEnv } from "./environment.ts";
import { pathsOf, type ContainerHost } from "./host.ts";
import type { ContainerRecord } from "./record.ts";
import { allCapabilities } from "../../runtime/spec/capabilities.ts";

/** An exec's process: what is not asked for is as the container's own. Throws for an unknown user. */
export async function execConfig(
  host: ContainerHost,
  record: ContainerRecord,
  exec: ExecCreate,
): Promise<ExecConfig> {
  const rootfs = pathsOf(host, record.id).rootfs;
  const groups = exec.User ? [] : (record.hostConfig.GroupAdd ?? []);
  const user = resolveUser(exec.User || record.config.User || "", groups, readAccountsToStart(rootfs));
  const env = processEnv(host, record, {
    terminal: exec.Tty === true,
    home: user.home,
    more: exec.Env ?? [],
  });
  return {
    args: exec.Cmd,
    env,
    cwd: exec.WorkingDir || record.config.WorkingDir || "/",
    terminal: exec.Tty === true,
    stdin: exec.AttachStdin === true,
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    capabilities: exec.Privileged ? allCapabilities : undefined,
  };
}

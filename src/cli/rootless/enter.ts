import { commandOutput } from "../../internal/run-command.ts";
import { execProgram } from "../../platform/exec-program.ts";
import { ownCommand } from "../own-command.ts";
import { runDirectory } from "../paths.ts";
import { closeOnExec } from "../../platform/flock.ts";
import { lockOf } from "./leave.ts";
import { holdNamespaces, type Holder } from "./namespaces.ts";
import { connectOutside } from "./outside-network.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * For commands that run the engine in their own process: without root, this process becomes the same command in the
 * user's namespaces of users and mounts, where the user is root. With root, and inside already, nothing happens. The
 * process ID stays. `SLIPWAY_ROOTLESS` tells the command inside of the user, of the process that holds the
 * namespaces and of the lock that all who use them share, `SLIPWAY_ROOTLESS_OUTSIDE` what carries packets out, or, after a `!`, why nothing does.
 */
export async function enterNamespaces(root: string, env: Env): Promise<void> {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) return keepLock(env);
  const directory = runDirectory(root, env);
  const connect = (holder: Holder) => connectOutside(directory, holder);
  const { holder, prepared, lock } = await holdNamespaces(directory, await userName(), connect);
  const enter = ["--target", String(holder.pid), "--user", "--mount", "--preserve-credentials"];
  const words = [...ownCommand(), ...process.argv.slice(2)];
  execProgram("/usr/bin/nsenter", ["nsenter", ...enter, "--", ...words], {
    ...process.env,
    SLIPWAY_ROOTLESS: `${uid}:${holder.pid}:${lock}`,
    SLIPWAY_ROOTLESS_OUTSIDE: "program" in prepared ? prepared.program : `!${prepared.missing}`,
  });
}

/** The system's own name of the user; the environment may say another. */
async function userName(): Promise<string> {
  return (await commandOutput(["id", "-un"])).trim();
}

/** No process that is started here is to hold the lock as well. */
function keepLock(env: Env): void {
  const lock = lockOf(env);
  if (lock !== undefined) closeOnExec(lock);
}

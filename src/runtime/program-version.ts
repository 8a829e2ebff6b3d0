import { runCommand } from "../internal/run-command.ts";

/** What a program says of itself; empty where it says nothing. */
export interface ProgramVersion {
  readonly version: string;
  readonly commit: string;
}

/** `--version` of runc, crun or conmon: `<name> version <version>`, and a line `commit: <commit>`. Never rejects. */
export async function programVersion(path: string): Promise<ProgramVersion> {
  const said = await runCommand([path, "--version"]).catch(() => undefined);
  return parseVersion(said?.stdout ?? "");
}

/** Pure. */
export function parseVersion(text: string): ProgramVersion {
  const commit = /^commit: (\S+)$/m.exec(text)?.[1] ?? "";
  return {
    version: /^\S+ version (\S+)$/m.exec(text)?.[1] ?? "",
    commit: commit === "unknown" ? "" : commit,
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "./lab.ts";
import { freePort } from "../free-port.ts";

export interface LocalRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly root: string;
}

/** `slipway registry serve` in a process of its own. Dispose ends it and removes what it stored. */
export async function localRegistry(): Promise<LocalRegistry> {
  const root = await mkdtemp(join(tmpdir(), "slipway-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const child = Bun.spawn([process.execPath, bin, "registry", "serve", "--listen", host, "--root", root], {
    stdout: "ignore",
    stderr: "ignore",
  });
  const answers = () =>
    fetch(`http://${host}/v2/`).then(
      (answer) => answer.ok,
      () => false,
    );
  while (child.exitCode === null && !(await answers())) await Bun.sleep(10);
  return {
    host,
    root,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.exited;
      await rm(root, { recursive: true, force: true });
    },
  };
}

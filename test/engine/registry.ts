import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bin } from "./lab.ts";

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

async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => resolve());
  await promise;
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

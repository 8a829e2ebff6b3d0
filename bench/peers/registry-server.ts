import { readFileSync } from "node:fs";
import { startBackground } from "./background.ts";

/** A registry on the loopback that a scenario has started. Disposing stops it. */
export interface RegistryServer extends AsyncDisposable {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** The most memory it has had so far, in MB. */
  peakMemory(): number;
}

/** Starts `argv`, which serves at `host`. */
export async function startRegistryServer(
  argv: readonly string[],
  host: string,
  log: string,
): Promise<RegistryServer> {
  const server = await startBackground(argv, log, () => answers(host));
  return {
    host,
    peakMemory: () => {
      const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
      return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1000;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function answers(host: string): Promise<boolean> {
  return await fetch(`http://${host}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

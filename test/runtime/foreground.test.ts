import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ByteStream } from "../../src/oci/call-options.ts";
import { cgroupsOf, Fixture, runtimes } from "./fixture.ts";

async function* chunks(...texts: string[]): ByteStream {
  for (const text of texts) yield Buffer.from(text);
}

describe.each([...runtimes])("%s", (name) => {
  let fixture: Fixture;
  beforeAll(async () => void (fixture = await Fixture.open(name)));
  afterAll(() => fixture[Symbol.asyncDispose]());

  async function run(
    args: string[],
    stdin?: ByteStream,
    signal?: AbortSignal,
    onText?: (text: string) => void,
  ) {
    const { id, bundle } = fixture.bundle(args);
    const out = { stdout: "", stderr: "" };
    const onOutput = (chunk: { stream: "stdout" | "stderr"; data: Uint8Array }) => {
      out[chunk.stream] += Buffer.from(chunk.data).toString();
      onText?.(out.stdout);
    };
    try {
      const { exitCode } = await fixture.runtime.runForeground({ id, bundle, stdin, onOutput }, { signal });
      return { exitCode, ...out };
    } finally {
      expect(cgroupsOf(id)).toEqual([]);
      expect(readdirSync(join(fixture.directory, "run/foreground"))).toEqual([]);
    }
  }

  test("Runtime.runForeground() streams output and tells the exit code", async () => {
    const result = await run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
    expect((await run(["sh", "-c", "sh -c 'kill -9 $$'; exit $?"])).exitCode).toBe(137);
  });

  test("Runtime.runForeground() feeds standard input to its end", async () => {
    expect((await run(["cat"], chunks("one ", "two"))).stdout).toBe("one two");
    expect((await run(["true"], chunks("unread"))).exitCode).toBe(0);
    expect((await run(["cat"])).stdout).toBe("");
  });

  test("Runtime.runForeground() loses nothing of 20 MB", async () => {
    const { stdout } = await run(["sh", "-c", "head -c 20000000 /dev/zero | tr '\\0' x"]);
    expect(stdout).toHaveLength(20_000_000);
  });

  test("Runtime.runForeground() aborted kills all processes", async () => {
    const abort = new AbortController();
    const running = run(["sh", "-c", "sleep 100 & sleep 100 & echo up; wait"], undefined, abort.signal, () =>
      abort.abort(new Error("enough")),
    );
    await expect(running).rejects.toThrow("enough");
    const early = AbortSignal.timeout(5);
    await expect(run(["sleep", "100"], undefined, early)).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("Runtime.runForeground() hears an abort at every moment of its start", async () => {
    const begun = performance.now();
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    for (let turns = 0; turns < 6; turns += 1) {
      const abort = new AbortController();
      const running = run(["sleep", "50"], undefined, abort.signal);
      running.catch(() => undefined);
      for (let each = 0; each < turns; each += 1) await turn();
      abort.abort(new Error("enough"));
      await expect(running).rejects.toThrow("enough");
    }
    expect(performance.now() - begun).toBeLessThan(50_000);
  });

  test("Runtime.runForeground() refuses what cannot be run", async () => {
    await expect(run(["missing"])).rejects.toMatchObject({ exitCode: 127 });
    await expect(run(["/not-executable"])).rejects.toMatchObject({ exitCode: 126 });
  });

  test("Runtime.runForeground() ends with the error of its input", async () => {
    async function* broken(): ByteStream {
      yield Buffer.from("x");
      throw new Error("torn");
    }
    await expect(run(["cat"], broken())).rejects.toThrow("torn");
  });

  test("Runtime.sweepForeground() ends what a killed engine left", async () => {
    const { id, bundle } = fixture.bundle(["sleep", "100"]);
    const script = `
      const { openRuntime } = await import(${JSON.stringify(join(import.meta.dir, "../../src/runtime/oci-runtime.ts"))});
      const runtime = await openRuntime({ runDir: ${JSON.stringify(join(fixture.directory, "run"))}, runtime: "${name}", searchPath: process.env.PATH });
      void runtime.runForeground({ id: "${id}", bundle: ${JSON.stringify(bundle)}, onOutput() {} });`;
    const engine = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "inherit", "inherit"] });
    const pidFile = join(fixture.directory, "run/foreground", id, "pid");
    for (let tries = 0; !existsSync(pidFile) && tries < 400; tries += 1) await Bun.sleep(10);
    engine.kill("SIGKILL");
    await engine.exited;
    expect(cgroupsOf(id)).not.toEqual([]);
    await fixture.runtime.sweepForeground();
    expect(cgroupsOf(id)).toEqual([]);
    expect(readdirSync(join(fixture.directory, "run/foreground"))).toEqual([]);
  });
});

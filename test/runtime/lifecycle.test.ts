import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readLog } from "../../src/runtime/logs.ts";
import { cgroupsOf, collect, Fixture, runtimes } from "./fixture.ts";

describe.each([...runtimes])("%s", (name) => {
  let fixture: Fixture;
  beforeAll(async () => void (fixture = await Fixture.open(name)));
  afterAll(() => fixture[Symbol.asyncDispose]());

  test("Task.wait() tells the exit code; the two streams arrive apart and whole", async () => {
    const result = await fixture.run(["sh", "-c", "echo out; echo err >&2; printf unfinished; exit 3"]);
    expect(result).toEqual({ exitCode: 3, stdout: "out\nunfinished", stderr: "err\n" });
  });

  test("Runtime.status() follows create, start, pause, resume and kill", async () => {
    const task = await fixture.create(["sleep", "100"]);
    const status = () => fixture.runtime.status(task.id);
    expect(await status()).toBe("created");
    await task.start();
    expect(await status()).toBe("running");
    await task.pause();
    expect(await status()).toBe("paused");
    await task.resume();
    await task.kill(9);
    expect((await task.wait()).exitCode).toBe(137);
    expect(await status()).toBe("stopped");
    await task.kill(15);
    await task.kill(9, { all: true });
  });

  test("Task.kill() reaches a process that handles the signal", async () => {
    const task = await fixture.create([
      "sh",
      "-c",
      "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done",
    ]);
    await using attachment = await task.attach();
    const output = attachment.output[Symbol.asyncIterator]();
    await task.start();
    await output.next();
    await task.kill(15);
    expect((await task.wait()).exitCode).toBe(9);
  });

  test("Task.kill() ends a paused process", async () => {
    const task = await fixture.create(["sleep", "100"]);
    await task.start();
    await task.pause();
    await task.kill(9);
    expect((await task.wait({ signal: AbortSignal.timeout(3000) })).exitCode).toBe(137);
  });

  test("a task of an engine killed with -9 runs on and loses no line", async () => {
    const { id, bundle } = fixture.bundle([
      "sh",
      "-c",
      "for i in $(seq 30); do echo $i; sleep 0.01; done; exit 7",
    ]);
    const stdio = { terminal: false, stdin: false, stdinOnce: false, logPath: join(bundle, "log") };
    const module = join(import.meta.dir, "../../src/runtime/oci-runtime.ts");
    const script = `
      const { openRuntime } = await import(${JSON.stringify(module)});
      const runDir = ${JSON.stringify(join(fixture.directory, "run"))};
      const runtime = await openRuntime({ runDir, runtime: "${name}", searchPath: process.env.PATH });
      const task = await runtime.create("${id}", ${JSON.stringify(bundle)}, ${JSON.stringify(stdio)});
      await task.start();
      process.kill(process.pid, "SIGKILL");`;
    const engine = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "inherit", "inherit"] });
    await engine.exited;
    expect(engine.signalCode).toBe("SIGKILL");
    const task = await fixture.runtime.load(id, bundle, stdio);
    expect((await task.wait()).exitCode).toBe(7);
    const records = await Array.fromAsync(readLog(fixture.runtime.logs, stdio.logPath));
    const text = records.map((record) => Buffer.from(record.data).toString()).join("");
    expect(text).toBe(Array.from({ length: 30 }, (_each, index) => `${index + 1}\n`).join(""));
  });

  test("Task.delete() is idempotent and leaves no cgroup and no file", async () => {
    const task = await fixture.create(["sleep", "100"]);
    await task.start();
    expect(cgroupsOf(task.id)).not.toEqual([]);
    await task.delete();
    await task.delete();
    expect(cgroupsOf(task.id)).toEqual([]);
    expect(readdirSync(task.bundle).sort()).toEqual(["config.json", "log"]);
    expect(await fixture.runtime.list()).not.toContain(task.id);
    await expect(fixture.runtime.load(task.id, task.bundle, task.stdio)).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test.each([
    ["missing", 127, 'exec: "missing": executable file not found in $PATH: unknown'],
    ["/missing", 127, 'exec: "/missing": stat /missing: no such file or directory: unknown'],
    ["/not-executable", 126, 'exec: "/not-executable": permission denied: unknown'],
    ["/etc", 126, 'exec: "/etc": permission denied: unknown'],
  ])("Runtime.create() refuses %s with exit code %d and leaves nothing", async (command, exitCode, words) => {
    for (const terminal of [false, true]) {
      const { id, bundle } = fixture.bundle([command], { terminal });
      const stdio = { terminal, stdin: terminal, stdinOnce: false, logPath: join(bundle, "log") };
      const refused = fixture.runtime.create(id, bundle, stdio);
      await expect(refused).rejects.toMatchObject({ exitCode, code: "invalid_argument" });
      await expect(refused).rejects.toThrow(words);
      await expect(refused).rejects.toThrow(
        /^failed to create task for container: .*OCI runtime create failed: /,
      );
      expect(cgroupsOf(id)).toEqual([]);
      expect(await fixture.runtime.list()).not.toContain(id);
    }
  });

  test("Runtime.load() finds a running task and one that ended unseen", async () => {
    const task = await fixture.create(["sh", "-c", "sleep 0.2; exit 5"]);
    await task.start();
    const later = await Fixture.runtimeIn(fixture.directory, name);
    const found = await later.load(task.id, task.bundle, task.stdio);
    expect(found.pid).toBe(task.pid);
    expect((await found.wait()).exitCode).toBe(5);
    const again = await (
      await Fixture.runtimeIn(fixture.directory, name)
    ).load(task.id, task.bundle, task.stdio);
    expect((await again.wait()).exitCode).toBe(5);
  });

  test("Runtime.load() asks the runtime that made a task, whichever the engine uses now", async () => {
    const task = await fixture.create(["sleep", "100"]);
    await task.start();
    const other = await Fixture.runtimeIn(fixture.directory, name === "crun" ? "runc" : "crun");
    expect(await other.status(task.id)).toBe("running");
    const found = await other.load(task.id, task.bundle, task.stdio);
    await found.pause();
    expect(await fixture.runtime.status(task.id)).toBe("paused");
    await found.resume();
    await other.remove(task.id, task.bundle);
    expect(cgroupsOf(task.id)).toEqual([]);
  });

  test("Task.wait() ends by its signal and may be called many times", async () => {
    const task = await fixture.create(["sleep", "100"]);
    await task.start();
    const waits = [task.wait(), task.wait()];
    await expect(task.wait({ signal: AbortSignal.timeout(30) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    await task.kill(15);
    await task.kill(9);
    expect((await Promise.all(waits)).map((each) => each.exitCode)).toEqual([137, 137]);
  });

  test("Task.wait() ends when conmon was killed", async () => {
    const task = await fixture.create(["sleep", "100"]);
    await task.start();
    const conmon = Number(readFileSync(join(fixture.directory, "run/tasks", task.id, "conmon.pid"), "utf8"));
    process.kill(conmon, "SIGKILL");
    expect((await task.wait()).exitCode).toBe(255);
    await task.delete();
    expect(cgroupsOf(task.id)).toEqual([]);
  }, 10_000);

  test("ExitStatus.oomKilled tells of a process the kernel killed", async () => {
    const eat = ["sh", "-c", "x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo ${#x}"];
    const task = await fixture.create(eat, { resources: { memory: 16 << 20 } });
    await task.start();
    expect(await task.wait()).toMatchObject({ exitCode: 137, oomKilled: true });
  });

  test("Runtime.create() runs twenty containers side by side", async () => {
    const all = Array.from({ length: 20 }, async (_each, index) => {
      const task = await fixture.create(["sh", "-c", `echo ${index}; exit ${index}`]);
      await using attachment = await task.attach();
      const output = collect(attachment);
      await task.start();
      const { exitCode } = await task.wait();
      const { stdout } = await output;
      await task.delete();
      return `${exitCode} ${stdout}`;
    });
    expect(await Promise.all(all)).toEqual(all.map((_each, index) => `${index} ${index}\n`));
  }, 20_000);
});

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecConfig, Task } from "../../src/runtime/runtime.ts";
import { allCapabilities } from "../../src/runtime/spec/capabilities.ts";
import { collect, Fixture, runtimes, until } from "./fixture.ts";

const base: Omit<ExecConfig, "args"> = {
  env: ["PATH=/bin", "A=b"],
  cwd: "/tmp",
  terminal: false,
  stdin: false,
  user: { uid: 0, gid: 0 },
};

describe.each([...runtimes])("%s", (name) => {
  let fixture: Fixture;
  let task: Task;
  beforeAll(async () => {
    fixture = await Fixture.open(name);
    task = await fixture.create(["sleep", "1000"]);
    await task.start();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  test("Task.exec() gives environment, directory, user, streams and exit code", async () => {
    const script = "echo $A $(pwd) $(id -u):$(id -g) $(id -G); echo err >&2; exit 7";
    const user = { uid: 1000, gid: 1000, additionalGids: [50] };
    await using exec = await task.exec({ ...base, user, args: ["sh", "-c", script] });
    expect(exec.pid).toBeGreaterThan(1);
    expect(await collect(exec)).toEqual({ stdout: "b /tmp 1000:1000 1000 50\n", stderr: "err\n" });
    expect((await exec.wait()).exitCode).toBe(7);
  });

  test("ExecTask.closeInput() reaches the process", async () => {
    await using exec = await task.exec({ ...base, stdin: true, args: ["sh", "-c", "cat; echo end"] });
    const output = collect(exec);
    await exec.write(Buffer.from("in\n"));
    await exec.closeInput();
    expect((await output).stdout).toBe("in\nend\n");
    expect((await exec.wait()).exitCode).toBe(0);
  });

  test.each([
    ["missing", 127, 'exec: "missing": executable file not found in $PATH: unknown'],
    ["/not-executable", 126, 'exec: "/not-executable": permission denied: unknown'],
  ])("Task.exec() refuses %s with exit code %d", async (command, exitCode, words) => {
    for (const terminal of [false, true]) {
      const refused = task.exec({ ...base, terminal, args: [command] });
      await expect(refused).rejects.toMatchObject({ exitCode });
      await expect(refused).rejects.toThrow(words);
      await expect(refused).rejects.toThrow(/^OCI runtime exec failed: exec failed: /);
    }
    expect(
      readdirSync(join(fixture.directory, "run/tasks", task.id)).filter((file) => file.startsWith("exec-")),
    ).toEqual([]);
  });

  test("ExecTask with a terminal: echo, resize, exit code", async () => {
    const script = 'echo up; while read line; do eval "$line"; done';
    await using exec = await task.exec({ ...base, terminal: true, stdin: true, args: ["sh", "-c", script] });
    const output = exec.output[Symbol.asyncIterator]();
    await until(output, /up\r\n/);
    await exec.resize(21, 77);
    await exec.write(Buffer.from("stty size\n"));
    expect(await until(output, /21 77\r\n/)).toContain("21 77");
    await exec.write(Buffer.from("exit 6\n"));
    expect((await exec.wait()).exitCode).toBe(6);
  });

  test("ExecTask with a terminal keeps output and exit code of processes that end at once, side by side", async () => {
    const args = ["sh", "-c", "test -t 0 && echo terminal; exit 3"];
    const one = async () => {
      await using exec = await task.exec({ ...base, terminal: true, stdin: true, args });
      return { ...(await collect(exec)), ...(await exec.wait()) };
    };
    for (let round = 0; round < 5; round++) {
      for (const end of await Promise.all(Array.from({ length: 6 }, one)))
        expect(end).toMatchObject({ stdout: "terminal\r\n", exitCode: 3 });
    }
  });

  test.each([false, true])(
    "ExecTask detached (terminal %p) runs to its end though nobody reads",
    async (terminal) => {
      const exec = await task.exec({
        ...base,
        terminal,
        detached: true,
        args: ["sh", "-c", "seq 200000; exit 5"],
      });
      expect((await exec.wait()).exitCode).toBe(5);
      await exec[Symbol.asyncDispose]();
    },
  );

  test("ExecTask that is killed by a signal ends with 128 + n", async () => {
    await using exec = await task.exec({ ...base, args: ["sh", "-c", "kill -9 $$"] });
    expect((await exec.wait()).exitCode).toBe(137);
  });

  test("ExecTask has the container's seccomp filter and capabilities", async () => {
    const args = ["grep", "-E", "^(Seccomp|CapEff|NoNewPrivs):", "/proc/self/status"];
    await using exec = await task.exec({ ...base, args });
    expect((await collect(exec)).stdout).toBe("CapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n");
  });

  test("Task.exec() with all capabilities gets those the engine has", async () => {
    const args = ["grep", "CapEff", "/proc/self/status"];
    await using exec = await task.exec({ ...base, capabilities: allCapabilities, args });
    const engine = /CapPrm:\s*(\w+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
    expect((await collect(exec)).stdout).toBe(`CapEff:\t${engine}\n`);
  });

  test("Task.exec() in a container that ended says that it is not running", async () => {
    const ended = await fixture.create(["true"]);
    await ended.start();
    await ended.wait();
    await expect(ended.exec({ ...base, args: ["true"] })).rejects.toMatchObject({ code: "conflict" });
  });

  test("Task.exec() carries 50 MB with a slow reader", async () => {
    await using exec = await task.exec({ ...base, args: ["head", "-c", "50000000", "/dev/zero"] });
    let bytes = 0;
    for await (const chunk of exec.output) {
      if (bytes === 0) await new Promise((resolve) => setTimeout(resolve, 100));
      bytes += chunk.data.length;
    }
    expect(bytes).toBe(50_000_000);
  });
});

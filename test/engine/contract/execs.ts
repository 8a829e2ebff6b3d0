import { expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { collect, start } from "../lab.ts";
import { failure } from "../rejects.ts";

export function execContract(get: () => Engine): void {
  const both = { AttachStdout: true, AttachStderr: true };

  test("exec runs beside the container's process, as whom and where it is asked to", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "100"], { Env: ["FROM=container"] });
    const exec = async (more: object) => {
      const { Id } = await engine.execs.create(id, {
        Cmd: ["sh", "-c", "id -u; pwd; echo $FROM $MORE"],
        ...both,
        ...more,
      });
      await using streams = await engine.execs.start(Id);
      const said = await collect(streams);
      return { ...said, code: (await engine.execs.inspect(Id)).ExitCode };
    };
    expect(await exec({})).toEqual({ stdout: "0\n/\ncontainer\n", stderr: "", code: 0 });
    const asked = { User: "app", WorkingDir: "/tmp", Env: ["MORE=exec"] };
    expect(await exec(asked)).toEqual({ stdout: "1000\n/tmp\ncontainer exec\n", stderr: "", code: 0 });
    expect(await exec({ Cmd: ["sh", "-c", "echo no >&2; exit 6"] })).toEqual({
      stdout: "",
      stderr: "no\n",
      code: 6,
    });
    await engine.containers.remove(id, { force: true });
  });

  test("exec carries input", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "100"]);
    const { Id } = await engine.execs.create(id, { Cmd: ["cat"], AttachStdin: true, ...both });
    await using streams = await engine.execs.start(Id);
    await streams.write(Buffer.from("hello"));
    await streams.closeInput();
    expect((await collect(streams)).stdout).toBe("hello");
    const { Id: tty } = await engine.execs.create(id, {
      Cmd: ["sh", "-c", "test -t 0 && echo terminal"],
      Tty: true,
      AttachStdin: true,
      ...both,
    });
    await using terminal = await engine.execs.start(tty, { tty: true });
    expect((await collect(terminal)).stdout).toBe("terminal\r\n");
    await engine.containers.remove(id, { force: true });
  });

  test("the output of an exec ends for who detaches, while the process goes on", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "600"]);
    for (const tty of [false, true]) {
      const exec = { Cmd: ["sleep", "600"], Tty: tty, AttachStdin: true, ...both };
      const { Id } = await engine.execs.create(id, exec);
      const streams = await engine.execs.start(Id, { tty });
      const read = Array.fromAsync(streams.output);
      await streams[Symbol.asyncDispose]();
      await read;
      expect((await engine.execs.inspect(Id)).Running).toBe(true);
    }
    await engine.containers.remove(id, { force: true });
  });

  test("exec says what is wrong", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "100"]);
    const startOf = async (more: object) => {
      const { Id } = await engine.execs.create(id, { Cmd: ["true"], ...both, ...more });
      const told = await failure(engine.execs.start(Id));
      return { told, exitCode: (await engine.execs.inspect(Id)).ExitCode };
    };
    const unknown = await startOf({ User: "nobody-here" });
    expect(unknown.told?.message).toContain(
      "unable to find user nobody-here: no matching entries in passwd file",
    );
    expect(unknown.exitCode).toBe(126);
    const missing = await startOf({ Cmd: ["nope"] });
    expect(missing.told?.message).toContain('exec: "nope": executable file not found in $PATH');
    expect(missing.exitCode).toBe(127);
    expect(await failure(engine.execs.create(id, { Cmd: [] }))).toMatchObject({ code: "invalid_argument" });
    expect(await failure(engine.execs.inspect("none"))).toMatchObject({
      code: "not_found",
      message: "No such exec instance: none",
    });
    await engine.containers.stop(id, { timeout: 0 });
    expect(await failure(engine.execs.create(id, { Cmd: ["true"] }))).toEqual({
      code: "conflict",
      message: `container ${id} is not running`,
    });
    await engine.containers.remove(id);
  });
}

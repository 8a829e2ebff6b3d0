import { expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { collect, logs, run, start } from "../lab.ts";
import { until } from "../../until.ts";
import { failure } from "../rejects.ts";

/** Creating, listing, inspecting, output. */
export function containerContract(get: () => Engine): void {
  test("create() answers with Docker's words for what cannot be made", async () => {
    const { containers } = get();
    expect(await failure(containers.create({ Image: "nowhere", Cmd: ["x"] }))).toEqual({
      code: "not_found",
      message: "No such image: nowhere:latest",
    });
    await containers.create({ Image: "busybox", name: "taken" });
    const twice = await failure(containers.create({ Image: "busybox", name: "taken" }));
    expect(twice).toMatchObject({
      code: "conflict",
      message: expect.stringMatching(
        /^Conflict\. The container name "\/taken" is already in use by container "[0-9a-f]{64}"\. You have to remove/,
      ),
    });
    await containers.remove("taken");
    expect(await failure(containers.create({ Image: "busybox", name: "a b" }))).toEqual({
      code: "invalid_argument",
      message: "Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
    });
    const relative = await failure(containers.create({ Image: "busybox", WorkingDir: "here" }));
    expect(relative).toMatchObject({ code: "invalid_argument" });
    expect(relative?.message).toContain("'here' is invalid, it needs to be an absolute path");
  });

  test("create() refuses options it does not know or have, by name", async () => {
    const { containers } = get();
    const withLog = (Config: Record<string, string>) =>
      failure(
        containers.create({ Image: "busybox", HostConfig: { LogConfig: { Type: "json-file", Config } } }),
      );
    expect(await withLog({ "max-speed": "1" })).toEqual({
      code: "invalid_argument",
      message: "unknown log opt 'max-speed' for json-file log driver",
    });
    expect(await withLog({ compress: "true" })).toMatchObject({
      code: "not_implemented",
      message: expect.stringContaining('"compress=true"'),
    });
    const linked = containers.create({ Image: "busybox", HostConfig: { Links: ["a:b"] } });
    expect(await failure(linked)).toMatchObject({ code: "invalid_argument" });
    const removed = containers.create({
      Image: "busybox",
      HostConfig: { AutoRemove: true, RestartPolicy: { Name: "always" } },
    });
    expect((await failure(removed))?.message).toBe("can't create 'AutoRemove' container with restart policy");
  });

  test("a run gives output, exit code and nothing else", async () => {
    const engine = get();
    const ran = await run(engine, ["sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(ran).toMatchObject({ code: 3, stdout: "out\n", stderr: "err\n" });
    expect(await failure(engine.containers.inspect(ran.id))).toMatchObject({
      code: "not_found",
      message: `No such container: ${ran.id}`,
    });
  });

  test("a command that is not there is told, with Docker's exit codes", async () => {
    const engine = get();
    const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["nope"] });
    const told = await failure(engine.containers.start(Id));
    expect(told?.message).toContain('exec: "nope": executable file not found in $PATH');
    const { State } = await engine.containers.inspect(Id);
    expect(State).toMatchObject({ Status: "created", ExitCode: 127 });
    await engine.containers.remove(Id);
    const { Id: directory } = await engine.containers.create({ Image: "busybox", Cmd: ["/etc"] });
    await failure(engine.containers.start(directory));
    expect((await engine.containers.inspect(directory)).State.ExitCode).toBe(126);
    await engine.containers.remove(directory);
  });

  test("a start that fails ends attaches and removes a container that is removed at its end", async () => {
    const engine = get();
    const { Id } = await engine.containers.create({
      Image: "busybox",
      Cmd: ["nope"],
      HostConfig: { AutoRemove: true },
    });
    await using streams = await engine.containers.attach(Id, { stdout: true, stderr: true, stream: true });
    await failure(engine.containers.start(Id));
    expect(await collect(streams)).toEqual({ stdout: "", stderr: "" });
    expect(await failure(engine.containers.inspect(Id))).toMatchObject({ code: "not_found" });
  });

  test("list() selects by state, name, label, ancestor and order", async () => {
    const engine = get();
    const { containers } = engine;
    const one = await start(engine, ["sleep", "100"], { name: "list-one", Labels: { tier: "web" } });
    const { Id: two } = await containers.create({ Image: "busybox", name: "list-two" });
    const ids = async (o: Parameters<typeof containers.list>[0]) =>
      (await containers.list(o)).map(({ Id }) => Id);
    expect(await ids({})).toEqual([one]);
    expect(await ids({ all: true })).toEqual([two, one]);
    expect(await ids({ limit: 1 })).toEqual([two]);
    expect(await ids({ filters: { status: ["created"] } })).toEqual([two]);
    expect(await ids({ all: true, filters: { name: ["one"] } })).toEqual([one]);
    expect(await ids({ filters: { label: ["tier=web"] } })).toEqual([one]);
    expect(await ids({ all: true, filters: { label: ["tier=db"] } })).toEqual([]);
    expect(await ids({ all: true, filters: { ancestor: ["busybox"] } })).toEqual([two, one]);
    expect(await ids({ all: true, filters: { before: ["list-two"] } })).toEqual([one]);
    expect(await failure(containers.list({ filters: { colour: ["red"] } }))).toMatchObject({
      code: "invalid_argument",
      message: "invalid filter 'colour'",
    });
    const [shown] = await containers.list({ filters: { name: ["list-one"] } });
    expect(shown).toMatchObject({
      Names: ["/list-one"],
      Image: "busybox",
      State: "running",
      Command: "sleep 100",
    });
    expect(shown?.Status).toMatch(/^Up /);
    for (const id of [one, two]) await containers.remove(id, { force: true });
  });

  test("inspect() finds by name, ID and prefix and shows what was asked for", async () => {
    const engine = get();
    const id = await start(engine, ["sleep", "100"], {
      name: "seen",
      Env: ["A=1"],
      Labels: { x: "y" },
      HostConfig: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 }, Memory: 64 << 20 },
    });
    for (const name of ["seen", "/seen", id, id.slice(0, 12)]) {
      expect((await engine.containers.inspect(name)).Id).toBe(id);
    }
    const shown = await engine.containers.inspect("seen", { size: true });
    expect(shown).toMatchObject({ Name: "/seen", Path: "sleep", Args: ["100"], RestartCount: 0 });
    expect(shown.State).toMatchObject({ Status: "running", Running: true, ExitCode: 0, OOMKilled: false });
    expect(shown.State.Pid).toBeGreaterThan(1);
    expect(shown.Config).toMatchObject({ Env: expect.arrayContaining(["A=1"]), Labels: { x: "y" } });
    expect(shown.HostConfig).toMatchObject({ Memory: 64 << 20, NetworkMode: "bridge" });
    expect(shown.NetworkSettings.Networks["bridge"]?.IPAddress).toMatch(/^(172|192\.168)\./);
    expect(shown.Image).toMatch(/^sha256:[0-9a-f]{64}$/);
    await engine.containers.remove("seen", { force: true });
  });

  test("logs() keep both streams, the last lines, times and what still comes", async () => {
    const engine = get();
    const id = await start(engine, [
      "sh",
      "-c",
      "echo 1; echo 2 >&2; sleep 0.1; echo 3; printf 4; sleep 0.3; echo 5",
    ]);
    const read = async (o: object) =>
      collect(await engine.containers.logs(id, { stdout: true, stderr: true, ...o }));
    expect(await read({ follow: true })).toEqual({ stdout: "1\n3\n45\n", stderr: "2\n" });
    expect(await read({ tail: 1 })).toEqual({ stdout: "45\n", stderr: "" });
    expect((await read({ timestamps: true, tail: 1 })).stdout).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 45\n$/,
    );
    for (const until of [new Date(0), new Date(1000)])
      expect(await read({ since: new Date(0), until })).toEqual({ stdout: "", stderr: "" });
    expect((await read({ since: new Date(0) })).stdout).toBe("1\n3\n45\n");
    expect(await failure(engine.containers.logs(id, {}))).toMatchObject({ code: "invalid_argument" });
    await engine.containers.remove(id);
    expect(await failure(engine.containers.logs(id, { stdout: true }))).toMatchObject({ code: "not_found" });
  });

  test("attach() carries input to its end, and a terminal its size", async () => {
    const engine = get();
    const open = { OpenStdin: true, StdinOnce: true, AttachStdin: true };
    const { Id: cat } = await engine.containers.create({ Image: "busybox", Cmd: ["cat"], ...open });
    const wants = { stdin: true, stdout: true, stderr: true, stream: true };
    await using streams = await engine.containers.attach(cat, wants);
    await engine.containers.start(cat);
    await streams.write(Buffer.from("to and fro\n"));
    await streams.closeInput();
    expect(await collect(streams)).toEqual({ stdout: "to and fro\n", stderr: "" });
    expect((await engine.containers.wait(cat)).StatusCode).toBe(0);
    await engine.containers.remove(cat);

    const { Id: tty } = await engine.containers.create({ Image: "busybox", Cmd: ["sh"], Tty: true, ...open });
    await using terminal = await engine.containers.attach(tty, wants);
    expect(terminal.tty).toBe(true);
    await engine.containers.start(tty);
    await engine.containers.resize(tty, { h: 40, w: 100 });
    await terminal.write(Buffer.from("ls /; exit 5\n"));
    expect((await collect(terminal)).stdout).toContain("etc");
    await until(async () => (await engine.containers.inspect(tty)).State.Status === "exited");
    expect((await engine.containers.inspect(tty)).State.ExitCode).toBe(5);
    await engine.containers.remove(tty);
  });

  test("top() lists the container's processes", async () => {
    const engine = get();
    const id = await start(engine, ["sh", "-c", "sleep 101 & sleep 102; true"]);
    // A process that was just forked still has its parent's words.
    const sleeping = async () => {
      const { Processes } = await engine.containers.top(id);
      return Processes.filter((row) => row.at(-1)?.startsWith("sleep ")).length === 2;
    };
    await until(sleeping);
    const { Titles, Processes } = await engine.containers.top(id, { psArgs: "-o pid,args" });
    expect(Titles).toEqual(["PID", "COMMAND"]);
    expect(Processes.map(([, command]) => command)).toContain("sleep 102");
    await engine.containers.remove(id, { force: true });
    const { Id } = await engine.containers.create({ Image: "busybox" });
    expect(await failure(engine.containers.top(Id))).toEqual({
      code: "conflict",
      message: `container ${Id} is not running`,
    });
    await engine.containers.remove(Id);
  });

  test("prune() removes what does not run", async () => {
    const engine = get();
    const running = await start(engine, ["sleep", "100"]);
    const { Id } = await engine.containers.create({ Image: "busybox", Labels: { old: "" } });
    expect((await engine.containers.prune({ filters: { label: ["old"] } })).ContainersDeleted).toEqual([Id]);
    expect((await engine.containers.inspect(running)).State.Running).toBe(true);
    await engine.containers.remove(running, { force: true });
    expect(await logs(engine, running).catch(() => "gone")).toBe("gone");
  });
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Lab } from "./lab.ts";
import { until } from "../until.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
}, 30_000);
afterAll(() => lab[Symbol.asyncDispose](), 30_000);

describe("run", () => {
  test("keeps stdout and stderr apart and gives the exit code", async () => {
    const ran = await lab.run(["run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect(ran).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect(await lab.out("ps", "-aq")).toBe("");
  });

  test.each([
    [125, ["--bogus", "busybox"], "unknown flag: --bogus"],
    [125, ["-p", "x:y", "busybox"], "invalid"],
    [125, ["--pull", "never", "nothing/here"], "No such image"],
    [126, ["--rm", "busybox", "/bin"], "permission denied"],
    [127, ["--rm", "busybox", "no-such-program"], "executable file not found in $PATH"],
    [1, [], "'slipway run' requires at least 1 argument"],
  ])("exits with %d for %j", async (code, args, words) => {
    const ran = await lab.run(["run", ...args]);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
    expect(ran.stderr).toContain(words);
    expect(await lab.out("ps", "-aq")).toBe("");
  });

  test("a name in use is refused with exit code 125", async () => {
    const id = await lab.out("create", "--name", "taken", "busybox");
    const ran = await lab.run(["run", "--name", "taken", "busybox"]);
    expect(ran.code).toBe(125);
    expect(ran.stderr).toContain(
      `Conflict. The container name "/taken" is already in use by container "${id}"`,
    );
    await lab.out("rm", "taken");
  });

  test("--cidfile is made before the container, and goes when there is none", async () => {
    const path = join(lab.directory, "cid");
    const options = ["run", "--rm", "--cidfile", path];
    expect((await lab.run([...options, "--memory", "1k", "busybox"])).code).toBe(125);
    expect(existsSync(path)).toBe(false);
    expect((await lab.run([...options, "busybox", "true"])).code).toBe(0);
    expect(readFileSync(path, "utf8")).toMatch(/^[0-9a-f]{64}$/);
    const again = await lab.run([...options, "busybox", "true"]);
    expect(again.code).toBe(125);
    const advice = `make sure the other container isn't running or delete ${path}`;
    expect(again.stderr).toContain(`container ID file found, ${advice}`);
    expect(await lab.out("ps", "-aq")).toBe("");
  });

  test("-i passes stdin on, whole, and ends it", async () => {
    expect((await lab.run(["run", "--rm", "-i", "busybox", "cat"], "line\nmore")).stdout).toBe("line\nmore");
    const big = Buffer.alloc(3_000_000, "x");
    expect((await lab.run(["run", "--rm", "-i", "busybox", "wc", "-c"], big)).stdout.trim()).toBe("3000000");
  });

  test("without -i stdin is not read", async () => {
    expect((await lab.run(["run", "--rm", "busybox", "cat"], "unread")).stdout).toBe("");
  });

  test("a lot of output comes whole", async () => {
    const { stdout } = await lab.run(["run", "--rm", "busybox", "seq", "200000"]);
    expect(stdout.length).toBe(1_288_895);
    expect(stdout.endsWith("199999\n200000\n")).toBe(true);
  });

  test("signals are forwarded to the container in the foreground", async () => {
    const script = "trap 'echo caught; exit 9' INT; echo up; while :; do sleep 0.1; done";
    const child = lab.spawn(["run", "--rm", "--init=false", "busybox", "sh", "-c", script]);
    let stdout = "";
    const reading = (async () => {
      for await (const part of child.stdout) stdout += Buffer.from(part).toString();
    })();
    await until(() => stdout.includes("up"));
    child.kill("SIGINT");
    expect(await child.exited).toBe(9);
    await reading;
    expect(stdout).toBe("up\ncaught\n");
    expect(await lab.out("ps", "-aq")).toBe("");
  });

  test("-d prints the ID; ps, logs, exec, inspect, stop and rm work on it", async () => {
    const id = await lab.out(
      "run",
      "-d",
      "--name",
      "web",
      "-e",
      "A=1",
      "-l",
      "x=y",
      "busybox",
      "sleep",
      "1000",
    );
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await lab.out("ps", "-q")).toBe(id.slice(0, 12));
    expect(await lab.out("ps", "-q", "--no-trunc")).toBe(id);
    const row = await lab.out("ps", "--format", '{{.Names}} {{.Image}} {{.State}} {{.Label "x"}}');
    expect(row).toBe("web busybox running y");
    expect(await lab.out("inspect", "-f", "{{.State.Status}} {{index .Config.Env 0}}", "web")).toMatch(
      /^running /,
    );
    expect(await lab.run(["exec", "web", "sh", "-c", "echo $A; exit 4"])).toMatchObject({
      code: 4,
      stdout: "1\n",
    });
    expect((await lab.run(["exec", "-i", "web", "cat"], "typed")).stdout).toBe("typed");
    expect((await lab.run(["exec", "web", "no-such"])).code).toBe(127);
    expect(await lab.out("stop", "-t", "0", "web")).toBe("web");
    expect(await lab.out("ps", "-q")).toBe("");
    expect(await lab.out("rm", "web")).toBe("web");
  });

  test("logs -f follows to the end", async () => {
    const script = "for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done";
    await lab.out("run", "-d", "--name", "talker", "busybox", "sh", "-c", script);
    const all = "line 1\nline 2\nline 3\nline 4\nline 5";
    expect(await lab.out("logs", "-f", "talker")).toBe(all);
    expect(await lab.out("logs", "--tail", "2", "talker")).toBe("line 4\nline 5");
    expect(await lab.out("logs", "-t", "--tail", "1", "talker")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z line 5$/);
    expect(await lab.out("wait", "talker")).toBe("0");
    await lab.out("rm", "talker");
  });

  test("--cidfile and --env-file", async () => {
    const directory = lab.files({ env: "# comment\nFROM_FILE=yes\nPATH\n" });
    const cid = `${directory}/cid`;
    const printed = await lab.out(
      "run",
      "--cidfile",
      cid,
      "--env-file",
      `${directory}/env`,
      "busybox",
      "env",
    );
    expect(printed).toContain("FROM_FILE=yes");
    const id = await Bun.file(cid).text();
    expect(await lab.out("rm", id)).toBe(id);
  });
});

describe("inspect", () => {
  test("says what is missing, shows the rest, and exits with 1", async () => {
    const ran = await lab.run(["inspect", "busybox", "nothing"]);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toHaveLength(1);
    expect(ran.stderr).toBe("Error: No such object: nothing\n");
  });

  test("a template that cannot be read is exit code 64", async () => {
    const ran = await lab.run(["inspect", "-f", "{{.Id", "busybox"]);
    expect(ran).toEqual({
      code: 64,
      stdout: "",
      stderr: "template parsing error: template: :1: unclosed action\n",
    });
  });
});

test("images -q and its table", async () => {
  const id = await lab.out("inspect", "-f", "{{.Id}}", "busybox");
  expect(await lab.out("images", "-q", "--no-trunc", "busybox")).toBe(id);
  expect(await lab.out("images", "-q", "busybox")).toBe(id.slice(7, 19));
  const [head, row] = (await lab.out("images", "busybox")).split("\n");
  expect(head).toMatch(/^REPOSITORY {3}TAG {7}IMAGE ID {7}CREATED {2,}SIZE$/);
  expect(row).toContain(`busybox      latest    ${id.slice(7, 19)}   `);
});

describe("the command line", () => {
  test.each([
    ["--help"],
    ["run --help"],
    ["image --help"],
    ["help build"],
    ["image ls --help"],
    ["--version"],
  ])("%s exits with 0", async (words) => {
    const ran = await lab.run(words.split(" "));
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/Usage: {2}slipway|version/);
  });

  test.each([
    ["bogus", 1, "slipway: unknown command: slipway bogus"],
    ["image bogus", 1, "slipway: unknown command: slipway image bogus"],
    ["ps extra", 1, "slipway: 'slipway ps' accepts no arguments"],
    ["tag one", 1, "slipway: 'slipway tag' requires 2 arguments"],
    ["rm", 1, "slipway: 'slipway rm' requires at least 1 argument"],
    ["ps --bogus", 125, "unknown flag: --bogus"],
    ["ps -Z", 125, "unknown shorthand flag: 'Z' in -Z"],
    ["logs --tail", 125, "flag needs an argument: --tail"],
    ["ps --last x", 125, 'invalid argument "x" for "-n, --last" flag'],
    ["rm nothing", 1, "Error response from daemon: No such container: nothing"],
    ["-H ftp://x ps", 1, 'Invalid engine host "ftp://x"'],
  ])("%s", async (words, code, message) => {
    const ran = await lab.run(words.split(" "));
    expect(ran.stderr).toContain(message);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
  });
});

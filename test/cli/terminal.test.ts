import { afterAll, beforeAll, expect, test } from "bun:test";
import { Lab } from "./lab.ts";
import { until } from "../until.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
}, 30_000);
afterAll(() => lab[Symbol.asyncDispose](), 30_000);

test("run -it is a terminal: echo, Ctrl-C, size, exit code", async () => {
  await using terminal = lab.terminal(["run", "--rm", "-it", "busybox", "sh"]);
  await terminal.expect(/# /);
  terminal.type("echo $((20+22)); tty\r");
  await terminal.expect(/\r\n42\r\n\/dev\/pts\/0\r\n/);
  terminal.type("stty size\r");
  await terminal.expect(/\r\n30 100\r\n/);
  terminal.resize(120, 40);
  await until(async () => {
    terminal.type("stty size\r");
    return (await terminal.expect(/\r\n(\d+ \d+)\r\n/))[1] === "40 120";
  });
  terminal.type("sleep 100\r");
  await terminal.expect(/sleep 100\r\n/);
  // Until the shell has handed the terminal over, Ctrl-C is but a character.
  await Bun.sleep(500);
  terminal.type("\u0003");
  await terminal.expect(/# /);
  terminal.type("echo code=$?\r");
  await terminal.expect(/\r\ncode=130\r\n/);
  terminal.type("exit 5\r");
  expect(await terminal.exited).toBe(5);
  expect(await lab.out("ps", "-aq")).toBe("");
}, 30_000);

test("run -it has job control, and an editor works in it", async () => {
  await using terminal = lab.terminal(["run", "--rm", "-it", "busybox", "sh"]);
  await terminal.expect(/# /);
  terminal.type("sleep 100\r");
  await terminal.expect(/sleep 100\r\n/);
  // Until the shell has handed the terminal over, Ctrl-Z is but a character.
  for (const deadline = Date.now() + 30_000; !/Stopped/.test(terminal.text); await Bun.sleep(200)) {
    if (Date.now() > deadline) throw new Error(`not stopped: ${JSON.stringify(terminal.text)}`);
    terminal.type("\u001a");
  }
  terminal.type("bg; jobs; kill %1; echo do''ne\r");
  await terminal.expect(/\[1\]\+? +\d* ?Running +sleep 100/);
  await terminal.expect(/done\r\n/);
  terminal.type("vi /file\r");
  await terminal.expect(/- \/file/);
  terminal.type("ifirst\rsecond");
  await terminal.expect(/I \/file \[Modified\] 2\/2/);
  terminal.type("\u001b");
  await terminal.expect(/- \/file/);
  terminal.type(":wq\r");
  await terminal.expect(/2L, 13C.*# /s);
  terminal.type("cat /file; exit 4\r");
  await terminal.expect(/\r\nfirst\r\nsecond\r\n/);
  expect(await terminal.exited).toBe(4);
}, 60_000);

test("the detach keys leave the container running; attach joins it again", async () => {
  await using terminal = lab.terminal(["run", "-it", "--name", "left", "busybox", "sh"]);
  await terminal.expect(/# /);
  terminal.type("\u0010\u0011");
  expect(await terminal.exited).toBe(0);
  expect(await lab.out("inspect", "-f", "{{.State.Running}}", "left")).toBe("true");
  await using again = lab.terminal(["attach", "--detach-keys", "ctrl-x", "left"]);
  await Bun.sleep(300);
  again.type("echo ba''ck\r");
  await again.expect(/back/);
  again.type("\u0018");
  expect(await again.exited).toBe(0);
  await using last = lab.terminal(["attach", "left"]);
  await Bun.sleep(300);
  last.type("exit 3\r");
  expect(await last.exited).toBe(3);
  await lab.out("rm", "left");
}, 30_000);

test("exec -it is a terminal with the size of this one", async () => {
  await lab.out("run", "-d", "--name", "host", "busybox", "sleep", "1000");
  await using terminal = lab.terminal(["exec", "-it", "host", "sh"]);
  await terminal.expect(/# /);
  terminal.type("stty size\r");
  await terminal.expect(/\r\n30 100\r\n/);
  terminal.type("exit 6\r");
  expect(await terminal.exited).toBe(6);
  await lab.out("rm", "-f", "host");
}, 30_000);

test("-it without a terminal is refused", async () => {
  const ran = await lab.run(["run", "--rm", "-it", "busybox", "sh"], "exit\n");
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("the input device is not a TTY");
});

test("build redraws on a terminal, and lets nothing hostile through", async () => {
  const evil = "printf '\\033]0;title\\007\\033[2Jevil\\033[31m\\r50\\r100\\n'; sleep 0.3; exit 3";
  const context = lab.files({ Dockerfile: `FROM busybox\nRUN ${evil}\n` });
  await using terminal = lab.terminal(["build", context]);
  expect(await terminal.exited).toBe(1);
  await terminal.expect(/\[\+\] Building [\d.]+s \(\d\/\d\)/);
  await terminal.expect(/# 100/);
  await terminal.expect(/>>> RUN printf/);
  await terminal.expect(/exit code: 3/);
  const sequences = terminal.text.split("\u001b").slice(1);
  expect(sequences.length).toBeGreaterThan(3);
  for (const sequence of sequences) expect(sequence).toMatch(/^\[(\d+A|K|J)/);
  expect(terminal.text).not.toContain("\u0007");
}, 30_000);

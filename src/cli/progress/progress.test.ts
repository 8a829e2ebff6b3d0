import { describe, expect, test } from "bun:test";
import type { BuildEvent } from "../../build/builder.ts";
import { failureReport } from "../build/failure-report.ts";
import { sourceExcerpt } from "../build/source-excerpt.ts";
import { cutToWidth, displayWidth } from "../format/display-width.ts";
import { buildFrame } from "./build-frame.ts";
import { BuildState, missCause, shortError } from "./build-state.ts";
import { PlainDisplay } from "./plain-display.ts";
import { sanitizeLine } from "./sanitize.ts";

const vertex = (id: string, name: string, line = 1): BuildEvent => ({ type: "vertex", id, name, line });
const started = (id: string, at: number): BuildEvent => ({ type: "started", id, at });
const log = (id: string, data: string): BuildEvent => ({ type: "log", id, stream: "stdout", data });
const done = (id: string, at: number, more: object = {}): BuildEvent => ({
  type: "completed",
  id,
  at,
  cached: false,
  ...more,
});

/** What the plain display writes of events, one tenth of a second apart. */
function plain(events: readonly BuildEvent[], names: readonly string[] = []): string {
  let text = "";
  let now = 1000;
  const stream = { write: (part: string) => (text += part) } as unknown as NodeJS.WriteStream;
  const display = new PlainDisplay({ stream, names, now: () => (now += 100) });
  for (const event of events) display.show(event);
  display.end();
  return text;
}

describe("PlainDisplay", () => {
  test("tells steps one after the other, with output, hits and causes", () => {
    const text = plain(
      [
        vertex("a", "[1/3] FROM x"),
        vertex("b", "[2/3] RUN y"),
        done("a", 1100, { cached: true }),
        started("b", 1300),
        log("b", "one\ntw"),
        log("b", "o\n"),
        log("b", "rest"),
        done("b", 1800, { causes: ["step text changed", "ARG A added: 1"] }),
        { type: "image", id: "sha256:1" as never },
      ],
      ["docker.io/library/app:latest"],
    );
    expect(text).toBe(
      "#1 [1/3] FROM x\n#1 CACHED\n\n" +
        "#2 [2/3] RUN y\n#2 0.200 one\n#2 0.300 two\n#2 0.500 rest\n" +
        "#2 because step text changed (and 1 more)\n#2 DONE 0.5s\n\n" +
        "#3 exporting to image\n#3 writing image sha256:1 done\n#3 naming to docker.io/library/app:latest done\n#3 DONE 0.0s\n",
    );
  });

  test("steps side by side take turns and lose no line", () => {
    const text = plain([
      vertex("a", "A"),
      vertex("b", "B"),
      started("a", 1000),
      started("b", 1000),
      log("a", "a1\n"),
      log("b", "b1\n"),
      log("a", "a2\n"),
      done("b", 1500),
      done("a", 1600),
    ]);
    expect(text.replaceAll(/\d\.\d{3} /g, "")).toBe(
      "#1 A\n#1 a1\n#1 a2\n#1 DONE 0.6s\n\n#2 B\n#2 b1\n#2 DONE 0.5s\n\n",
    );
  });

  test("a step that waits too long is shown in between", () => {
    const events = [vertex("a", "A"), vertex("b", "B"), started("a", 1000), started("b", 1000)];
    for (let line = 0; line < 60; line += 1) events.push(log("a", `${line}\n`));
    const text = plain([...events, log("b", "b\n"), done("a", 9000), done("b", 9000)]);
    expect(text).toContain("#1 ...\n\n#2 B\n");
    expect(text).toContain("#1 A\n#1 DONE");
  });

  test("only the step that failed is blamed", () => {
    const error = "[2/2] RUN x (Dockerfile:2): process failed\n  > said";
    const text = plain([
      vertex("a", "[1/2] RUN w", 1),
      vertex("b", "[2/2] RUN x", 2),
      started("a", 1000),
      started("b", 1000),
      done("b", 1100, { error }),
      done("a", 1100, { error }),
    ]);
    expect(text).toContain("#1 CANCELED\n");
    expect(text).toContain("#2 ERROR: process failed\n");
  });

  test("escape sequences go, but for colours", () => {
    const text = plain([
      vertex("a", "A\u001b[2J"),
      started("a", 0),
      log("a", "\u001b[31mred\u001b[2J\u0007\n"),
      done("a", 1),
    ]);
    expect(text).toContain("#1 A\n");
    expect(text).toContain(" \u001b[31mred\n");
  });
});

describe("buildFrame()", () => {
  const state = new BuildState();
  const events = [
    vertex("a", "[1/3] FROM x"),
    vertex("b", "[2/3] COPY . ."),
    vertex("c", "[3/3] RUN y\u001b[2J"),
    done("a", 1000, { cached: true }),
    started("b", 1000),
    done("b", 1400, { causes: ["a.txt changed (content)"] }),
    started("c", 1400),
    log("c", "10%\r20%\r\nlast\n"),
  ];
  for (const event of events) state.apply(event, 1500);
  const options = { width: 40, now: 2000, began: 1000, isOver: false, names: [] };

  test("shows steps with times at the right edge, causes, and running output", () => {
    expect(buildFrame(state, options)).toEqual([
      "[+] Building 1.0s (2/3)",
      " => CACHED [1/3] FROM x             0.0s",
      " => [2/3] COPY . .                  0.4s",
      " => => because a.txt changed (content)",
      " => [3/3] RUN y                     0.6s",
      " => => # 20%",
      " => => # last",
    ]);
  });

  test("on a low terminal what is over gives way, and no line is too long", () => {
    const frame = buildFrame(state, { ...options, width: 20, height: 4 });
    expect(frame).toHaveLength(4);
    expect(frame[1]).toStartWith(" => [3/3] RUN y");
    for (const line of frame) expect(displayWidth(line)).toBeLessThanOrEqual(20);
  });
});

test("BuildState bounds a line that never ends, and the lines it keeps", () => {
  const state = new BuildState();
  state.apply(vertex("a", "A"), 0);
  for (let part = 0; part < 10; part += 1) state.apply(log("a", "x".repeat(60_000)), 0);
  state.apply(log("a", "\n".repeat(1000)), 0);
  expect(state.vertices[0]?.log.length).toBe(200);
});

test("missCause() has nothing to say of hits and of first builds", () => {
  const state = new BuildState();
  state.apply(vertex("a", "A"), 0);
  state.apply(done("a", 1, { causes: ["no such step was built before"] }), 1);
  expect(missCause(state.vertices[0]!)).toBeUndefined();
});

test("shortError() leaves out what is shown beside it", () => {
  const name = "[2/2] RUN false";
  expect(shortError(`${name} (Dockerfile:2): process "x" failed\n  > out`, name)).toBe('process "x" failed');
  expect(shortError("Dockerfile:3: unknown instruction: FOO", "")).toBe("unknown instruction: FOO");
  expect(shortError("plain", "")).toBe("plain");
});

test("failureReport() finds the step of an error that names a line", () => {
  const state = new BuildState();
  state.apply(vertex("a", "[1/1] COPY x y", 2), 0);
  const report = failureReport('Dockerfile:2: "/x": not found', state, {
    name: "D",
    text: "FROM a\nCOPY x y\n",
  });
  expect(report).toContain("D:2\n--------------------\n   1 |     FROM a\n   2 | >>> COPY x y\n");
  expect(report).toEndWith('ERROR: failed to build: failed to solve: "/x": not found\n');
});

test("sourceExcerpt() marks all lines of an instruction and keeps terminals safe", () => {
  const text = "FROM a\nRUN b \\\n c \\\n d\u001b[2J\nCMD e\nCMD f\nCMD g\n";
  expect(sourceExcerpt({ name: "Dockerfile", text }, 2)).toBe(
    `Dockerfile:2\n${"-".repeat(20)}\n   1 |     FROM a\n   2 | >>> RUN b \\\n   3 | >>>  c \\\n   4 | >>>  d\n   5 |     CMD e\n   6 |     CMD f\n${"-".repeat(20)}\n`,
  );
  expect(sourceExcerpt({ name: "D", text: "FROM a" }, 9)).toBe("");
});

test.each([
  ["plain", "plain"],
  ["a\tb", "a        b"],
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007x\u001b]8;;http://x\u001b\\y", "xy"],
  ["\u001bPq#0\u001b\\z\u001bc\u001b(B", "z"],
  ["\u009b2Ja\u0085\u2028b\u202ec", "abc"],
  ["\u001b\u001b[2J[2J", "[2J"],
  ["\u001b", ""],
  ["\u001b]0;never ends", ""],
])("sanitizeLine(%j)", (text, safe) => {
  expect(sanitizeLine(text)).toBe(safe);
});

test("sanitizeLine() leaves no control character, whatever comes", () => {
  const pieces = ["\u001b", "[", "]", "0", ";", "m", "J", "\u0007", "\u009b", "\\", "P", "a", "\r", "\u0000"];
  let seed = 7;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647);
  for (let round = 0; round < 5000; round += 1) {
    const text = Array.from({ length: random() % 10 }, () => pieces[random() % pieces.length]).join("");
    expect(sanitizeLine(text)).toMatch(/^\P{Cc}*$/u);
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    const coloured = sanitizeLine(text, { colour: true }).replaceAll(/\u001b\[[0-9;:]*m/gu, "");
    expect(coloured).toMatch(/^\P{Cc}*$/u);
  }
});

test("cutToWidth() counts cells", () => {
  expect(cutToWidth("你好世界", 5)).toBe("你好…");
  expect(cutToWidth("short", 5)).toBe("short");
  expect(cutToWidth("abc", 0)).toBe("");
});

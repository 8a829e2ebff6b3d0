import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
}, 30_000);
afterAll(() => lab[Symbol.asyncDispose](), 30_000);

const app = {
  Dockerfile: "FROM busybox\nWORKDIR /app\nCOPY src .\nRUN cat a > b\nCMD cat b\n",
  "src/a": "one\n",
};

describe("build", () => {
  test("plain progress: steps with numbers, hits, and why a step was no hit", async () => {
    const context = lab.files(app);
    const first = await lab.run(["build", "--progress", "plain", "-t", "app:1", "-t", "app:2", context]);
    expect([first.code, first.stdout]).toEqual([0, ""]);
    expect(first.stderr).toMatch(/^#\d+ \[3\/4\] COPY src \.\n#\d+ DONE \d+\.\ds\n/m);
    expect(first.stderr).toMatch(/^#\d+ naming to docker.io\/library\/app:1 done$/m);
    expect(await lab.out("run", "--rm", "app:2")).toBe("one");
    const again = await lab.run(["build", "--progress", "plain", context]);
    expect(again.stderr).toMatch(/^#\d+ \[4\/4\] RUN cat a > b\n#\d+ CACHED\n/m);
    appendFileSync(join(context, "src/a"), "two\n");
    const changed = await lab.run(["build", context]);
    expect(changed.stderr).toMatch(
      /^#(\d+) \[3\/4\] COPY src \.\n#\1 because src\/a changed \(content\)\n#\1 DONE/m,
    );
  });

  test("-q prints the ID, --iidfile keeps it", async () => {
    const context = lab.files(app);
    const file = join(context, "../iid");
    const { code, stdout, stderr } = await lab.run(["build", "-q", "--iidfile", file, context]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(readFileSync(file, "utf8")).toBe(stdout.trim());
  });

  test("a failed step: its output, the lines of the Dockerfile, exit code 1, no image", async () => {
    const before = await lab.out("images", "-aq");
    const text = "FROM busybox\nRUN true\nRUN echo said && \\\n    exit 3\nCMD x\n";
    const ran = await lab.run(["build", "-t", "broken", lab.files({ Dockerfile: text })]);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toMatch(/^#\d+ ERROR: process "\/bin\/sh -c echo said && /m);
    expect(ran.stderr).toMatch(/^------\n > \[3\/3\] RUN echo said &&.*:\n\d\.\d{3} said\n------$/m);
    expect(ran.stderr).toContain(
      "   2 |     RUN true\n   3 | >>> RUN echo said && \\\n   4 | >>>     exit 3\n",
    );
    expect(ran.stderr).toMatch(/^ERROR: failed to build: failed to solve: process .* exit code: 3\n$/m);
    expect(await lab.out("images", "-aq")).toBe(before);
  });

  test.each([
    ["FROM busybox\nFOO bar\n", "Dockerfile:2\n", "unknown instruction: FOO"],
    ["FROM busybox\nCOPY nothing /\n", "Dockerfile:2\n", '"/nothing": not found'],
    ["FROM no.such.host.invalid/x\n", "Dockerfile:1\n", "no.such.host.invalid"],
  ])("%j fails and says where", async (text, place, words) => {
    const ran = await lab.run(["build", lab.files({ Dockerfile: text })]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(place);
    expect(ran.stderr.split("ERROR: failed to build: failed to solve: ")[1]).toContain(words);
  });

  test("a Dockerfile outside of the context, on stdin, and a context on stdin", async () => {
    const context = lab.files(app);
    const outside = lab.files({ "Other.file": "FROM busybox\nCOPY src/a /got\nCMD cat /got\n" });
    const id = (await lab.out("build", "-q", "-f", join(outside, "Other.file"), context)).trim();
    expect(await lab.out("run", "--rm", id)).toBe("one");
    const alone = await lab.run(["build", "-q", "-"], "FROM busybox\nCMD echo alone\n");
    expect(await lab.out("run", "--rm", alone.stdout.trim())).toBe("alone");
    const both = await lab.run(["build", "-q", "-f", "-", context], "FROM busybox\nCOPY src /s\nCMD ls /s\n");
    expect(await lab.out("run", "--rm", both.stdout.trim())).toBe("a");
    const tar = Bun.spawnSync(["tar", "-C", context, "-cz", "."]).stdout;
    const packed = await lab.run(["build", "-q", "-"], tar);
    expect(await lab.out("run", "--rm", packed.stdout.trim())).toBe("one");
    const lower = await lab.run(["build", "-q", lab.files({ dockerfile: "FROM busybox\nCMD echo lower\n" })]);
    expect(await lab.out("run", "--rm", lower.stdout.trim())).toBe("lower");
  });

  test("--build-arg, --label, --target, --no-cache, --add-host, --network", async () => {
    const steps = [
      "FROM busybox AS one",
      "ARG A",
      "ARG B",
      "RUN echo $A $B > /args; cat /etc/hosts > /h",
      "FROM one",
      "RUN false",
    ];
    const context = lab.files({ Dockerfile: `${steps.join("\n")}\n` });
    lab.env["B"] = "from-env";
    const args = [
      "--build-arg",
      "A=1",
      "--build-arg",
      "B",
      "--build-arg",
      "C_UNSET",
      "--label",
      "x=y",
      "--target",
      "one",
    ];
    const more = ["--add-host", "db:10.9.8.7", "--network", "none", "--no-cache"];
    const id = await lab.out("build", "-q", ...args, ...more, context);
    expect(await lab.out("run", "--rm", id, "cat", "/args")).toBe("1 from-env");
    expect(await lab.out("run", "--rm", id, "cat", "/h")).toMatch(/^10\.9\.8\.7\tdb$/m);
    expect(await lab.out("inspect", "-f", "{{.Config.Labels.x}}", id)).toBe("y");
  });

  test("rawjson: every event as a line", async () => {
    const { stderr } = await lab.run(["build", "--progress", "rawjson", lab.files(app)]);
    const events = stderr
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(events)).toContain("vertex");
    expect(events.at(-1)).toBe("image");
  });

  test.each([
    [["--cgroup-parent", "x", "."], 1, "the option --cgroup-parent is not supported"],
    [["-o", "type=rocket,dest=x", "."], 1, 'unsupported exporter type "rocket"'],
    [["--push", "."], 1, "tag is needed when pushing to registry"],
    [["--bogus", "."], 125, "unknown flag: --bogus"],
    [["--progress", "fancy", "."], 1, 'invalid progress type "fancy"'],
    [["--platform", "no/such/thing/at", "."], 1, "no/such/thing/at"],
    [["https://example.invalid/x.git"], 1, "failed to fetch remote https://example.invalid/x.git"],
    [["nowhere"], 1, 'unable to prepare context: path "nowhere" not found'],
    [["-f", "nowhere", "."], 1, "failed to read dockerfile: open nowhere: no such file or directory"],
    [["-t", "Bad Name", "."], 1, 'invalid tag "Bad Name": invalid reference format'],
    [["-f", "-", "-"], 1, "can't use stdin for both build context and dockerfile"],
    [["--rm", "--force-rm=false", "--compress", "no-such-directory"], 1, "no-such-directory"],
    [[], 1, "'slipway build' requires 1 argument"],
  ])("%j is refused", async (args, code, words) => {
    const ran = await lab.run(["build", ...args]);
    expect(ran.stderr).toContain(words);
    expect([ran.code, ran.stdout]).toEqual([code, ""]);
  });

  test("Ctrl-C ends a build with 130 and leaves nothing running", async () => {
    const context = lab.files({ Dockerfile: "FROM busybox\nRUN echo up; sleep 1000\n" });
    writeFileSync(join(context, "x"), "");
    const child = lab.spawn(["build", context]);
    const stderr = child.stderr.text();
    await Bun.sleep(1500);
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect(await stderr).toContain("ERROR: failed to build: failed to solve: Canceled: context canceled");
  });
});

describe("build with secrets and limits", () => {
  test("--secret and --ulimit reach the steps; the secret stays out of the image", async () => {
    const text =
      "FROM busybox\nRUN --mount=type=secret,id=token wc -c < /run/secrets/token && ulimit -n\n" +
      "RUN --mount=type=secret,id=WORD,env=WORD test -n $WORD\n";
    const context = lab.files({ Dockerfile: text });
    const file = join(context, "../token");
    writeFileSync(file, "hidden-token");
    const flags = [
      "--secret",
      `id=token,src=${file}`,
      "--secret",
      "id=WORD,env=HOME",
      "--ulimit",
      "nofile=77",
    ];
    const ran = await lab.run(["build", "--progress=plain", ...flags, "-t", "secretive", context]);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringMatching(/ 12\n#\d+ [\d.]+ 77\n/)]);
    expect(await lab.out("history", "--no-trunc", "secretive")).not.toContain("hidden-token");
    const missing = await lab.run(["build", "--secret", "id=x,src=/no/such", context]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("failed to stat /no/such")]);
  });

  test("--memory is the limit of each step", async () => {
    const text =
      "FROM busybox\nRUN cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null; true\n";
    const ran = await lab.run([
      "build",
      "--progress=plain",
      "--memory",
      "64m",
      lab.files({ Dockerfile: text }),
    ]);
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("67108864")]);
  });
});

describe("builds", () => {
  test("the record of a build says what was a hit, and why the rest was not", async () => {
    const context = lab.files({ ...app, "src/a": "recorded\n" });
    await lab.run(["build", "-q", "-t", "recorded", context]);
    appendFileSync(join(context, "src/a"), "more\n");
    await lab.run(["build", "-q", "-t", "recorded", context]);
    const listed = await lab.out("builds");
    expect(listed).toMatch(
      /^BUILD ID +NAME +RESULT +HITS +DURATION +CREATED\n[0-9a-f]{12} +\S*recorded\S* +done /,
    );
    const [id = ""] = (await lab.out("builds", "ls", "-q")).split("\n");
    const report = await lab.out("builds", "inspect", id.slice(0, 8));
    expect(report).toMatch(/^HIT {2}\[2\/4\] WORKDIR \/app$/m);
    expect(report).toMatch(/^MISS \[3\/4\] COPY src \. \d+\.\ds\n {7}because src\/a changed \(content\)$/m);
    expect(report).toMatch(/^MISS \[4\/4\] RUN .*\n {7}because an earlier step changed: 3\/4$/m);
    await lab.run(["build", "-q", lab.files({ Dockerfile: "FROM busybox\nRUN exit 3\n" })]);
    const failed = JSON.parse(await lab.out("builds", "inspect", "--json")) as Record<string, unknown>;
    expect(failed).toMatchObject({ outcome: "failed", advice: [] });
    const none = await lab.run(["builds", "inspect", "ffffffffffff"]);
    expect([none.code, none.stderr]).toEqual([1, expect.stringContaining("No such build: ffffffffffff")]);
  });
});

describe("build outputs", () => {
  test("--output local, tar and docker; --metadata-file; --explain", async () => {
    const context = lab.files({ Dockerfile: "FROM scratch\nCOPY src /out\n", "src/a": "exported\n" });
    const [local, tar, docker, metadata] = ["local", "x.tar", "d.tar", "m.json"].map((name) =>
      join(context, "..", name),
    );
    const outputs = ["-o", local ?? "", "-o", `type=tar,dest=${tar}`, "-o", `type=docker,dest=${docker}`];
    const flags = [...outputs, "--metadata-file", metadata ?? "", "--explain", "--load", "-t", "exported"];
    const ran = await lab.run(["build", ...flags, context]);
    expect([ran.code, ran.stdout]).toEqual([0, ""]);
    expect(ran.stderr).toMatch(
      /^MISS \[1\/1\] COPY src \/out \d+\.\ds\n {7}because no such step was built before$/m,
    );
    expect(readFileSync(join(local ?? "", "out/a"), "utf8")).toBe("exported\n");
    const listed = Bun.spawnSync(["tar", "-tf", tar ?? ""]).stdout.toString();
    expect(
      listed
        .split("\n")
        .filter(Boolean)
        .map((name) => name.replace(/\/$/, "")),
    ).toEqual(["out", "out/a"]);
    expect(Bun.spawnSync(["tar", "-tf", docker ?? ""]).stdout.toString()).toContain("manifest.json");
    const written = JSON.parse(readFileSync(metadata ?? "", "utf8")) as Record<string, string>;
    expect(written["containerimage.config.digest"]).toBe(
      await lab.out("images", "-q", "--no-trunc", "exported"),
    );
    expect(written["containerimage.digest"]).toMatch(/^sha256:/);
    expect(await lab.out("ps", "-aq")).toBe("");
  });

  test("--no-cache-filter carries the steps of a stage out anew", async () => {
    const text =
      "FROM busybox AS one\nRUN echo 1 > /1\nFROM busybox AS two\nCOPY --from=one /1 /\nRUN echo 2\n";
    const context = lab.files({ Dockerfile: text });
    await lab.run(["build", context]);
    const { stderr } = await lab.run(["build", "--explain", "--no-cache-filter", "one", context]);
    expect(stderr).toMatch(/^MISS \[one 2\/2\] RUN .*\n {7}because --no-cache-filter one$/m);
    expect(stderr).toMatch(/^HIT {2}\[two 3\/3\] RUN echo 2$/m);
  });
});

test("builder prune --keep-storage makes a later build say that its step was collected", async () => {
  const context = lab.files({ Dockerfile: "FROM busybox\nRUN echo collect-me\n" });
  await lab.run(["build", context]);
  await lab.run(["builder", "prune", "-f", "--filter", "until=1h"]);
  expect((await lab.run(["build", "--explain", context])).stderr).toMatch(/^HIT .*collect-me$/m);
  const pruned = await lab.run(["builder", "prune", "-af", "--keep-storage", "1"]);
  expect([pruned.code, pruned.stdout]).toEqual([0, expect.stringContaining("Total reclaimed space")]);
  const { stderr } = await lab.run(["build", "--explain", context]);
  expect(stderr).toMatch(/^MISS .*collect-me .*\n {7}because collected .* ago to stay under 1B$/m);
});

test("build --reproducible and --annotation", async () => {
  const context = lab.files({ Dockerfile: "FROM scratch\nCOPY a /\n", a: "a" });
  const ran = await lab.run(["build", "--reproducible", "--annotation", "k=v", "-t", "dated", context]);
  expect(ran.code).toBe(0);
  expect(await lab.out("inspect", "-f", "{{.Created}}", "dated")).toStartWith("1970-01-01T00:00:00");
  const bad = await lab.run(["build", "--annotation", "layer:k=v", context]);
  expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('"layer" cannot be annotated')]);
});

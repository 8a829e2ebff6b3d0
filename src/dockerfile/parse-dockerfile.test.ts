import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { DockerfileError } from "./dockerfile-error.ts";
import type { CopyInstruction, Instruction, RunInstruction } from "./instruction.ts";
import { parseDockerfile, parseOnbuildTrigger, parseUntilError } from "./parse-dockerfile.ts";

const data = new URL("../../test/data/dockerfile/", import.meta.url);

function read(name: string): string {
  return readFileSync(new URL(name, data), "utf8");
}

function rows<T>(func: string): T {
  const tables = Object.values(
    JSON.parse(read("dockerfile_parser.json")) as Record<string, { func: string; rows: unknown }[]>,
  ).flat();
  return tables.find((table) => table.func === func)?.rows as T;
}

/** The one instruction after a FROM; errors count from its own first line. */
function one<T extends Instruction>(text: string): T {
  const [instruction] = parseDockerfile(`FROM scratch\n${text}\n`).stages[0]?.instructions ?? [];
  return instruction as T;
}

/** The line, and why, without what stands before every instruction that cannot be read. */
function reason(text: string): string {
  try {
    parseDockerfile(text, { filename: "D" });
  } catch (error) {
    if (error instanceof DockerfileError) {
      const why = error.reason.replace(/^dockerfile parse error on line \d+: /, "");
      return `${error.location.startLine}: ${why}`;
    }
    throw error;
  }
  return "";
}

interface GoldenRow {
  id: string;
  dockerfile: string;
  parseError?: string;
  instructionsError?: string;
  buildError?: string;
  opsError?: string;
}

test("parseDockerfile() passes and refuses public Dockerfiles as BuildKit did, with its words", () => {
  const failures: string[] = [];
  for (const line of read("dockerfiles.jsonl").trimEnd().split("\n")) {
    const row = JSON.parse(line) as GoldenRow;
    const expected = row.parseError ?? row.instructionsError;
    const got = reason(row.dockerfile);
    // What BuildKit finds later in a build we may find now.
    if (expected === undefined && (row.buildError ?? row.opsError) !== undefined) continue;
    const wanted = expected?.replace(/^dockerfile parse error on line (\d+): /, "");
    if (wanted === undefined ? got !== "" : !got.endsWith(wanted))
      failures.push(`${row.id}: ${got} / ${wanted}`);
  }
  expect(failures).toEqual([]);
});

test("parseDockerfile() words its refusals as BuildKit's tables say", () => {
  for (const row of rows<{ dockerfile: string; expectedError: string }[]>("TestErrorCases"))
    expect(reason(`FROM scratch\n${row.dockerfile}`), row.dockerfile).toContain(row.expectedError);
  for (const keyword of rows<string[]>("TestCommandsExactlyOneArgument"))
    expect(reason(`FROM scratch\n${keyword}`)).toBe(`2: ${keyword} requires exactly one argument`);
  for (const keyword of rows<string[]>("TestCommandsAtLeastOneArgument"))
    expect(reason(`FROM scratch\n${keyword}`)).toBe(`2: ${keyword} requires at least one argument`);
  for (const keyword of rows<string[]>("TestCommandsNoDestinationArgument"))
    expect(reason(`FROM scratch\n${keyword} arg1`)).toContain(
      `${keyword} requires at least two arguments, but only one was provided`,
    );
  for (const keyword of rows<string[]>("TestCommandsBlankNames"))
    expect(reason(`FROM scratch\n${keyword} =arg2`)).toBe(`2: ${keyword} names can not be blank`);
});

test("parseDockerfile() answers BuildKit's tables of stage names and health checks", () => {
  for (const name of rows<string[]>("BenchmarkParseBuildStageName"))
    expect(parseDockerfile(`FROM a AS ${name}`).stages[0]?.name).toBe(name.toLowerCase());
  const [, script] = rows<string[]>("TestHealthCheckCmd");
  expect(one<Instruction>(`HEALTHCHECK CMD ${script}`)).toMatchObject({ test: { form: "shell", script } });
});

test("parseUntilError() gives what stands before the first error", () => {
  const { file, error } = parseUntilError("FROM a\nRUN x\nBAD y\nRUN z\n");
  expect(file.stages[0]?.instructions.map(({ kind }) => kind)).toEqual(["run"]);
  expect(error?.location.startLine).toBe(3);
});

test("parseDockerfile() names file and line, and what may have been meant", () => {
  expect(() => parseDockerfile("FROM a\n\nRUM x\n", { filename: "app/Dockerfile" })).toThrow(
    "app/Dockerfile:3: dockerfile parse error on line 3: unknown instruction: RUM (did you mean RUN?)",
  );
  expect(reason("FROM a\nCOPY --chwon=1 a b")).toBe("2: unknown flag: --chwon (did you mean chown?)");
  expect(reason("RUN x\nFROM a")).toBe("1: no build stage in current context");
  expect(reason("FROM a b")).toBe("1: FROM requires either one or three arguments");
  expect(reason("FROM a AS 1x")).toContain("invalid name for build stage");
  expect(reason("FROM a\nCOPY --from=$x a b")).toContain("variable expansion is not supported for --from");
  expect(reason("FROM a\nSHELL bash -c")).toContain("SHELL requires the arguments to be in JSON form");
  expect(reason("FROM a\nCOPY --link --link a b")).toBe("2: duplicate flag specified: --link");
});

interface CopyRow {
  dockerfile: string;
  sourcesAndDest: {
    DestPath: string;
    SourcePaths?: string[];
    SourceContents?: { Path: string; Data: string; Expand: boolean }[];
  };
}

test("parseDockerfile() gives COPY its paths and inline files", () => {
  for (const { dockerfile, sourcesAndDest } of rows<CopyRow[]>("TestCopyHeredoc")) {
    const { sources, destination, heredocs } = one<CopyInstruction>(dockerfile);
    expect(destination).toBe(sourcesAndDest.DestPath);
    expect(sources).toEqual(sourcesAndDest.SourcePaths ?? []);
    expect(
      heredocs.map(({ name, content, expand }) => ({ Path: name, Data: content, Expand: expand })),
    ).toEqual(sourcesAndDest.SourceContents ?? []);
  }
});

interface RunRow {
  dockerfile: string;
  command: string[];
  shell: boolean;
  files?: { Name: string; Data: string; Chomp?: boolean }[];
}

test("parseDockerfile() gives RUN its command and documents", () => {
  for (const { dockerfile, command, shell, files } of rows<RunRow[]>("TestRunHeredoc")) {
    const run = one<RunInstruction>(dockerfile);
    expect(run.command.form).toBe(shell ? "shell" : "exec");
    if (run.command.form === "exec") expect(run.command.args).toEqual(command);
    expect(run.heredocs.map(({ name, content }) => [name, content])).toEqual(
      (files ?? []).map(({ Name, Data }) => [Name, Data]),
    );
  }
});

test("parseDockerfile() makes a lone heredoc the script, or a file when it has a shebang", () => {
  const script = (text: string): unknown => {
    const { command, heredocFile } = one<RunInstruction>(text);
    return heredocFile ?? command;
  };
  expect(script("RUN <<EOF\necho a\nEOF")).toEqual({ form: "shell", script: "echo a\n" });
  expect(script("RUN <<-EOF\n\techo a\n\tEOF")).toEqual({ form: "shell", script: "echo a\n" });
  expect(script("RUN <<run.py\n#!/usr/bin/python\nrun.py")).toEqual({
    name: "run.py",
    content: "#!/usr/bin/python\n",
  });
  expect(script("RUN cat <<A <<B\na\nA\nb\nB")).toEqual({ form: "shell", script: "cat <<A <<B\na\nA\nb\nB" });
});

test("parseDockerfile() groups instructions into stages with their lines", () => {
  const { globalArgs, stages, directives } = parseDockerfile(
    "# syntax=docker/dockerfile:1\n# escape=`\nARG V=1 W\nFROM --platform=$BUILDPLATFORM a:$V AS Build\n" +
      "RUN x `\n  y\nFROM scratch\nCOPY --from=build /a /b\n",
    { filename: "D" },
  );
  expect(directives).toEqual({ syntax: "docker/dockerfile:1", escape: "`" });
  expect(globalArgs[0]?.args).toEqual([{ key: "V", value: "1" }, { key: "W" }]);
  expect(stages.map(({ index, name, from }) => [index, name, from.base, from.platform])).toEqual([
    [0, "build", "a:$V", "$BUILDPLATFORM"],
    [1, undefined, "scratch", undefined],
  ]);
  expect(stages.map(({ location }) => location)).toEqual([
    { file: "D", startLine: 4, endLine: 6 },
    { file: "D", startLine: 7, endLine: 8 },
  ]);
  expect(stages[0]?.instructions[0]).toMatchObject({ kind: "run", original: "RUN x   y" });
});

test("parseDockerfile() types every instruction", () => {
  const at = { location: expect.anything(), original: expect.any(String) };
  const cases: [string, object][] = [
    [
      "ENV a=1 b='2 3'",
      {
        kind: "env",
        variables: [
          { key: "a", value: "1" },
          { key: "b", value: "'2 3'" },
        ],
      },
    ],
    ["ENV a b c", { kind: "env", variables: [{ key: "a", value: "b c" }] }],
    ["LABEL a=1", { kind: "label", labels: [{ key: "a", value: "1" }] }],
    ["EXPOSE 80 443/tcp $P", { kind: "expose", ports: ["80", "443/tcp", "$P"] }],
    ['VOLUME ["/a b", "/c"]', { kind: "volume", paths: ["/a b", "/c"] }],
    ["WORKDIR /a b", { kind: "workdir", path: "/a b" }],
    ["USER me:us", { kind: "user", user: "me:us" }],
    ["CMD a b", { kind: "cmd", command: { form: "shell", script: "a b" } }],
    ['ENTRYPOINT ["a", "b"]', { kind: "entrypoint", command: { form: "exec", args: ["a", "b"] } }],
    ['SHELL ["bash", "-c"]', { kind: "shell", shell: ["bash", "-c"] }],
    ["STOPSIGNAL SIGINT", { kind: "stopsignal", signal: "SIGINT" }],
    ["HEALTHCHECK NONE", { kind: "healthcheck" }],
    ["ONBUILD RUN a", { kind: "onbuild", expression: "RUN a" }],
    ["ONBUILD COPY <<A /a\nx\nA", { kind: "onbuild", expression: "COPY <<A /a\nx\nA" }],
    ["MAINTAINER Me <me@x>", { kind: "maintainer", maintainer: "Me <me@x>" }],
    [
      'HEALTHCHECK --interval=5s --timeout=1m30s --start-period=0s --retries=3 CMD ["a"]',
      {
        kind: "healthcheck",
        test: { form: "exec", args: ["a"] },
        interval: 5e9,
        timeout: 90e9,
        startPeriod: 0,
        retries: 3,
      },
    ],
    [
      "ADD --checksum=sha256:x --keep-git-dir=true --unpack=false --exclude=a --exclude=b --chmod=644 u /d",
      {
        kind: "add",
        sources: ["u"],
        heredocs: [],
        destination: "/d",
        chmod: "644",
        link: false,
        excludes: ["a", "b"],
        checksum: "sha256:x",
        keepGitDir: true,
        unpack: false,
      },
    ],
    [
      "COPY --link --parents --from=0 --chown=a:b x y /d/",
      {
        kind: "copy",
        sources: ["x", "y"],
        heredocs: [],
        destination: "/d/",
        chown: "a:b",
        link: true,
        excludes: [],
        from: "0",
        parents: true,
      },
    ],
  ];
  for (const [text, expected] of cases) expect(one(text) as object, text).toEqual({ ...expected, ...at });
});

test("parseOnbuildTrigger() reads a stored trigger", () => {
  expect(parseOnbuildTrigger("RUN a")).toMatchObject({
    kind: "run",
    command: { form: "shell", script: "a" },
  });
  expect(parseOnbuildTrigger("COPY <<A /a\nx\nA")).toMatchObject({
    kind: "copy",
    heredocs: [{ content: "x\n" }],
  });
  for (const text of ["FROM a", "ONBUILD RUN a", "", "RUN a\nRUN b"])
    expect(() => parseOnbuildTrigger(text), text).toThrow(DockerfileError);
});

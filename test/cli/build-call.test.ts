import { afterAll, beforeAll, expect, test } from "bun:test";
import { Lab } from "./lab.ts";

let lab: Lab;
beforeAll(() => {
  lab = new Lab();
});
afterAll(() => lab[Symbol.asyncDispose](), 30_000);

const text = "# app what runs\nFROM scratch as app\nARG PORT=80\nMAINTAINER me\nCMD run $PORT\n";

test("build --check names what it found with its lines, and exits with 1", async () => {
  const context = lab.files({ Dockerfile: text });
  const { code, stdout, stderr } = await lab.run(["build", "--check", context]);
  expect([code, stderr]).toEqual([1, ""]);
  expect(stdout).toStartWith(
    "Check complete, 3 warnings have been found!\n\n" +
      "WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/\n" +
      "'as' and 'FROM' keywords' casing do not match\nDockerfile:2\n--------------------\n",
  );
  expect(stdout).toContain("   4 | >>> MAINTAINER me\n");
  const skipped = lab.files({ Dockerfile: `# check=skip=all\n${text}` });
  expect(await lab.out("build", "--check", skipped)).toBe("Check complete, no warnings found.");
  expect(await lab.out("build", "--call=check,ignorestatus=true,format=json", context)).toContain(
    '"ruleName": "MaintainerDeprecated"',
  );
  const broken = await lab.run(["build", "--check", lab.files({ Dockerfile: "FROM scratch\nRUNN x\n" })]);
  expect([broken.code, broken.stdout]).toEqual([1, ""]);
  expect(broken.stderr).toContain(
    "ERROR: failed to build: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)\nDockerfile:2\n",
  );
});

test("build --call=outline and --call=targets", async () => {
  const context = lab.files({ Dockerfile: text });
  expect(await lab.out("build", "--call=outline", context)).toBe(
    "TARGET:        app\nDESCRIPTION:   what runs\n\nBUILD ARG   VALUE   DESCRIPTION\nPORT        80",
  );
  expect(await lab.out("build", "--call=targets", context)).toBe(
    "TARGET          DESCRIPTION\napp (default)   what runs",
  );
  const document = JSON.parse(await lab.out("build", "--call=targets,format=json", context)) as object;
  expect(document).toMatchObject({ targets: [{ name: "app", default: true, base: "scratch" }] });
  const other = await lab.run(["build", "--call=fly", context]);
  expect([other.code, other.stderr]).toEqual([
    1,
    'ERROR: failed to build: invalid call "fly": use "build", "check", "outline", "targets" or "dry-run"\n',
  ]);
});

import { expect, test } from "bun:test";
import { plainWords, runtimeError } from "./runtime-error.ts";

const create = (said: string, command = "foo") => runtimeError("create", "crun", said, command);

test.each([
  [
    "executable file `foo` not found in $PATH: No such file or directory",
    "foo",
    127,
    'exec: "foo": executable file not found in $PATH',
  ],
  [
    'time="x" level=error msg="runc create failed: unable to start container process: exec: \\"foo\\": executable file not found in $PATH"\n',
    "foo",
    127,
    'exec: "foo": executable file not found in $PATH',
  ],
  [
    '{"level":"error","msg":"exec failed: unable to start container process: exec: \\"/x\\": stat /x: no such file or directory"}',
    "/x",
    127,
    'exec: "/x": stat /x: no such file or directory',
  ],
  ["open executable: Permission denied", "/x", 126, 'exec: "/x": permission denied'],
  ["chdir `/nodir`: No such file or directory", "foo", 125, "chdir `/nodir`: No such file or directory"],
  ["", "foo", 125, "the runtime gave no reason"],
])("runtimeError() of %p", (said, command, exitCode, words) => {
  const error = create(said, command);
  expect(error.exitCode).toBe(exitCode as 125);
  expect(error.message).toBe(
    `failed to create task for container: failed to create shim task: OCI runtime create failed: crun create failed: unable to start container process: ${words}: unknown`,
  );
});

test("runtimeError() of an exec", () => {
  const error = runtimeError("exec", "runc", "executable file `a` not found in $PATH", "a");
  expect(error.message).toBe(
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "a": executable file not found in $PATH: unknown',
  );
});

test("plainWords() takes the last line", () => {
  expect(plainWords("a warning\nthe error\n")).toBe("the error");
});

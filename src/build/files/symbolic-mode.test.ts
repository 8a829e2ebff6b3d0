import { expect, test } from "bun:test";
import { changeMode } from "./symbolic-mode.ts";

test("changeMode() follows chmod(1)", () => {
  expect(changeMode(0o600, "755", false)).toBe(0o755);
  expect(changeMode(0o600, "u=rwX,go=rX", false)).toBe(0o644);
  expect(changeMode(0o700, "u=rwX,go=rX", true)).toBe(0o755);
  expect(changeMode(0o644, "+x", false)).toBe(0o755);
  expect(changeMode(0o777, "o-rwx,g-w", false)).toBe(0o750);
  expect(changeMode(0o755, "u+s,+t", false)).toBe(0o5755);
  expect(changeMode(0o751, "g=u,o+g", false)).toBe(0o777);
  expect(changeMode(0o751, "a-g", false)).toBe(0o200);
});

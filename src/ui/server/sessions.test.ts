import { expect, test } from "bun:test";
import { Sessions } from "./sessions.ts";

function withCookie(cookie: string): Request {
  return new Request("http://127.0.0.1/", { headers: { cookie } });
}

test("Sessions.redeem() opens a session once for each token, in a cookie no script and no other site sees", () => {
  const sessions = new Sessions(7070);
  const token = sessions.newToken();
  const cookie = sessions.redeem(token) ?? "";
  expect(cookie).toMatch(/^slipway_ui_7070=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(sessions.redeem(token)).toBeUndefined();
  expect(sessions.redeem("")).toBeUndefined();
  expect(sessions.isOpen(withCookie(`a=b; ${cookie.split(";")[0]}`))).toBe(true);
});

test("Sessions.isOpen() knows no other cookie", () => {
  const sessions = new Sessions(7070);
  expect(sessions.isOpen(withCookie("slipway_ui_7070="))).toBe(false);
  expect(sessions.isOpen(withCookie("slipway_ui_7071=abc"))).toBe(false);
  expect(sessions.isOpen(new Request("http://127.0.0.1/"))).toBe(false);
});

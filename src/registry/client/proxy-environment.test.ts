import { expect, test } from "bun:test";
import { takeProxyEnvironment } from "./proxy-environment.ts";

test("takeProxyEnvironment() takes either spelling and leaves the rest", () => {
  const env = {
    http_proxy: "http://a",
    HTTP_PROXY: "http://b",
    HTTPS_PROXY: "http://c",
    no_proxy: "",
    PATH: "/bin",
  };
  expect(takeProxyEnvironment(env)).toEqual({ http: "http://a", https: "http://c" });
  expect(env as Record<string, string>).toEqual({ PATH: "/bin" });
});

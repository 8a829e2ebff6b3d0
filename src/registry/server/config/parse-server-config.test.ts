import { expect, test } from "bun:test";
import { parseServerConfig } from "./parse-server-config.ts";

const parse = (text: string) => parseServerConfig(text, "/etc/slipway");

test("parseServerConfig() reads YAML and JSON, and takes relative paths from the file's directory", () => {
  const yaml = `
listen: 0.0.0.0:5000
storage: { filesystem: { root: data } }
tls: { cert: /a.pem, key: key.pem }
auth: { htpasswd: users, anonymousPull: true }
accessLog: false
shutdownTimeout: 90s
uploadMaxAge: 2d
`;
  expect(parse(yaml)).toEqual({
    listen: "0.0.0.0:5000",
    storage: { filesystem: { root: "/etc/slipway/data" } },
    tls: { cert: "/a.pem", key: "/etc/slipway/key.pem" },
    auth: { htpasswd: "/etc/slipway/users", anonymousPull: true },
    accessLog: false,
    shutdownMs: 90_000,
    uploadMaxAgeMs: 172_800_000,
  });
  expect(parse(`{"listen": ":80"}`)).toEqual({ listen: ":80" });
  expect(parse("")).toEqual({});
});

test("parseServerConfig() names the key that is wrong", () => {
  const cases: [string, string][] = [
    ["lisen: x", "lisen is no setting; known here: listen, storage"],
    ["listen: 5000", "listen must be a string"],
    ["tls: { cert: a }", "tls.key must be a string"],
    ["storage: { filesystem: { root: a, path: b } }", "storage.filesystem.path is no setting"],
    ["auth: { anonymousPull: true }", "auth.anonymousPull needs auth.htpasswd"],
    ["auth: { htpasswd: u, anonymousPull: maybe }", "auth.anonymousPull must be true or false"],
    ["shutdownTimeout: soon", `shutdownTimeout has "soon" where a duration such as "12h" or "30d" is wanted`],
    ["- a", "the document must be an object"],
    ["a: [", "neither YAML nor JSON"],
  ];
  for (const [text, message] of cases)
    expect(() => parse(text)).toThrow(`Invalid registry configuration: ${message}`);
});

import { expect, test } from "bun:test";
import { runSpec, shellWords } from "./run-spec.ts";
import { splitReference } from "./references.ts";

const empty = { image: "app", command: "", ports: "", env: "", volumes: "", remove: false, restart: false };

test("runSpec() asks for ports, variables and mounts as they were written", () => {
  const spec = runSpec({
    ...empty,
    ports: "8080:80\n127.0.0.1:5353:53/udp\n 90 ",
    env: "A=1\n\nB=2 3",
    volumes: "data:/d",
  });
  expect(spec.HostConfig?.PortBindings).toEqual({
    "80/tcp": [{ HostIp: "", HostPort: "8080" }],
    "53/udp": [{ HostIp: "127.0.0.1", HostPort: "5353" }],
    "90/tcp": [{ HostIp: "", HostPort: "" }],
  });
  expect(spec.Env).toEqual(["A=1", "B=2 3"]);
  expect(spec.HostConfig?.Binds).toEqual(["data:/d"]);
  expect(spec).not.toHaveProperty("Cmd");
});

test("runSpec() says what is wrong", () => {
  expect(() => runSpec({ ...empty, ports: "eighty" })).toThrow('"eighty" is no port');
  expect(() => runSpec({ ...empty, remove: true, restart: true })).toThrow("starts again");
});

test("shellWords() splits as a shell does, without expansions", () => {
  expect(shellWords(`sh -c "echo \\"hi\\" $X"  'a b'c\\ d`)).toEqual(["sh", "-c", 'echo "hi" $X', "a bc d"]);
  expect(shellWords("  ")).toEqual([]);
});

test("splitReference() takes a colon of the address for none of the tag", () => {
  expect(splitReference("localhost:5000/app")).toEqual({ repository: "localhost:5000/app", tag: "" });
  expect(splitReference("localhost:5000/app:1.0")).toEqual({ repository: "localhost:5000/app", tag: "1.0" });
});

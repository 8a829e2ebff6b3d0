import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "../oci/digest.ts";
import { checkEmulation } from "./emulation.ts";
import type { ExecOp, Vertex } from "./vertex.ts";

const run: Vertex<ExecOp> = {
  digest: "sha256:0" as Digest,
  op: {
    kind: "exec",
    args: ["true"],
    env: [],
    argNames: [],
    cwd: "/",
    user: "",
    network: "default",
    mounts: [],
    platform: { os: "linux", architecture: "arm64" },
  },
  inputs: [],
  name: "[1/1] RUN true",
  line: 3,
  text: "RUN true",
  place: "0 0",
};

test("checkEmulation() wants an emulator that is enabled and opened beforehand", () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-binfmt-"));
  try {
    const check = (text?: string): void => {
      if (text !== undefined) writeFileSync(join(directory, "qemu-aarch64"), text);
      checkEmulation([run], directory);
    };
    expect(() => check()).toThrow(
      "Dockerfile:3: Cannot run programs of linux/arm64: this machine has no emulator",
    );
    expect(() => check("disabled\nflags: F\n")).toThrow("qemu-user-static");
    expect(() => check("enabled\ninterpreter /usr/bin/qemu\nflags: OC\n")).toThrow("no emulator");
    check("enabled\ninterpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\nflags: POCF\noffset 0\n");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

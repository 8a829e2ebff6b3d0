import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Lab } from "../../cli/lab.ts";
import type { CorpusCase } from "./case.ts";
import { differences } from "./compare.ts";
import { openPeer, type PeerBuilder } from "./peers.ts";
import { readArchive, type BuiltImage } from "./read-archive.ts";

/** Busybox with what most images have beside it. */
const baseCase: CorpusCase = {
  name: "base",
  // Whatever a runtime mounts something on is there, so that none makes it in a layer.
  dockerfile: "FROM busybox\nCOPY root /\nRUN mkdir -p /root && mkdir -m 1777 /tmp\n",
  files: {
    "root/etc/passwd": "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    "root/etc/group": "root:x:0:\nnogroup:x:65534:\n",
    ...Object.fromEntries(
      [
        "etc/hosts",
        "etc/hostname",
        "etc/resolv.conf",
        "dev/.keep",
        "proc/.keep",
        "sys/.keep",
        "run/.keep",
      ].map((path) => [`root/${path}`, ""]),
    ),
  },
};

/** Builds every case with Slipway and with the peers that are here, and tells what differs, a line each. */
export async function buildCorpus(
  cases: readonly CorpusCase[],
  peers: readonly PeerBuilder["name"][],
): Promise<string[]> {
  await using lab = await Lab.open();
  const base = join(lab.directory, "base.tar");
  await lab.out(
    "build",
    "-q",
    "-t",
    "busybox",
    "-o",
    `type=docker,dest=${base}`,
    "--load",
    writeContext(lab, baseCase),
  );
  const problems: string[] = [];
  for (const name of peers) {
    await using peer = await openPeer(name, join(lab.directory, name), base);
    if (peer === undefined) continue;
    let compared = 0;
    for (const one of cases) {
      if (one.skip?.[name] !== undefined) continue;
      const context = writeContext(lab, one);
      const ours = await build(lab, one, context);
      const found = compare(one, ours, peer, context);
      problems.push(...found.map((text) => `${one.name}: ${text}`));
      compared += 1;
    }
    console.log(`${compared} of ${cases.length} Dockerfiles compared with ${name}`);
  }
  return problems;
}

function compare(one: CorpusCase, ours: BuiltImage, peer: PeerBuilder, context: string): string[] {
  try {
    return differences(one, ours, peer.build(one, context), peer.name);
  } catch (error) {
    return [`${peer.name} fails: ${String(error)}`];
  }
}

function writeContext(lab: Lab, { dockerfile, files = {} }: CorpusCase): string {
  const context = mkdtempSync(join(lab.directory, "corpus-"));
  const all: NonNullable<CorpusCase["files"]> = { ...files, Dockerfile: dockerfile };
  for (const [path, file] of Object.entries(all)) {
    const full = join(context, path);
    mkdirSync(dirname(full), { recursive: true });
    if (typeof file !== "string" && file.link !== undefined) {
      symlinkSync(file.link, full);
      continue;
    }
    writeFileSync(full, typeof file === "string" ? file : (file.text ?? ""));
    chmodSync(full, typeof file === "string" ? 0o644 : (file.mode ?? 0o644));
  }
  return context;
}

async function build(lab: Lab, { args = {}, target }: CorpusCase, context: string): Promise<BuiltImage> {
  const archive = join(lab.directory, "ours.tar");
  const given = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const words = [...given, ...(target === undefined ? [] : ["--target", target])];
  await lab.out("build", "-q", "--network", "none", ...words, "-o", `type=docker,dest=${archive}`, context);
  return readArchive(archive, join(lab.directory, "scratch"));
}

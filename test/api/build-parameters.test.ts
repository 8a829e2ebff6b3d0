/**
 * Every parameter of `POST /build` in the API's document: its effect on a real build, or its refusal by name. A row builds
 * `dockerfile` with `query` and looks at what came.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { EngineProcess, makeBusybox } from "../engine/lab.ts";
import { openHub, type LocalRegistry } from "../registry/local-registry.ts";
import { ask, type Answer } from "./ask.ts";

setDefaultTimeout(60_000);

type Files = Readonly<Record<string, string>>;
interface Image {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Architecture: string;
  readonly Config: { readonly Labels?: object; readonly Env?: readonly string[] };
  readonly RootFS: { readonly Layers: readonly string[] };
}

/** What a build said, and what it made. */
interface Posted {
  readonly status: number;
  /** All `stream` lines. */
  readonly said: string;
  readonly lines: readonly string[];
  readonly image: () => Promise<Image>;
  readonly message: string;
}

let at: EngineProcess;
let hub: LocalRegistry;
let web: Bun.Server<undefined>;
let scratch = "";
const served = new Map<string, string | Uint8Array>();

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), "slipway-parameters-"));
  [at, hub] = await Promise.all([EngineProcess.start(), openHub({ anonymousPull: false })]);
  web = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: ({ url }) => {
      const body = served.get(new URL(url).pathname);
      return body === undefined ? new Response("", { status: 404 }) : new Response(body);
    },
  });
  await makeBusybox(at.engine, at.root);
});

afterAll(async () => {
  await web?.stop(true);
  await Promise.all([at?.[Symbol.asyncDispose](), hub?.[Symbol.asyncDispose]()]);
  rmSync(scratch, { recursive: true, force: true });
});

/** `flags`: how the tar is packed. */
async function tar(files: Files, ...flags: string[]): Promise<Uint8Array> {
  const directory = mkdtempSync(join(scratch, "context-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const child = Bun.spawn(["tar", ...flags, "-C", directory, "-cf", "-", "."], { stdout: "pipe" });
  return await child.stdout.bytes();
}

type Query = Readonly<Record<string, string | readonly string[]>>;

async function post(query: Query, body: Uint8Array, headers: Files = {}): Promise<Posted> {
  const words = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}=${encodeURIComponent(value)}`),
  );
  const type = { "Content-Type": "application/x-tar", ...headers };
  return posted(await ask(at.socket, "POST", `/v1.50/build?${words.join("&")}`, { body, headers: type }));
}

function posted({ status, body }: Answer): Posted {
  const documents = body
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(
      (line) =>
        JSON.parse(line) as { stream?: string; aux?: { ID: string }; error?: string; message?: string },
    );
  const lines = documents.flatMap(({ stream }) => stream ?? []);
  const id = documents.findLast(({ aux }) => aux !== undefined)?.aux?.ID ?? "";
  const message = documents.map(({ error, message: text }) => error ?? text ?? "").join("");
  return { status, said: lines.join(""), lines, message, image: () => inspect(id) };
}

async function inspect(name: string): Promise<Image> {
  const { body } = await ask(at.socket, "GET", `/v1.50/images/${encodeURIComponent(name)}/json`);
  return JSON.parse(body) as Image;
}

const cgroup = (...files: string[]): string =>
  `FROM busybox\nRUN cd /sys/fs/cgroup; for f in ${files.join(" ")}; do [ -e $f ] && echo "[$(cat $f)]"; done; true\n`;

interface Row {
  /** The parameters it is about. */
  readonly of: string;
  readonly query: Query;
  readonly dockerfile?: string;
  readonly files?: Files;
  readonly says?: RegExp;
  readonly refused?: RegExp;
  readonly check?: (built: Posted) => Promise<void> | void;
}

const rows: readonly Row[] = [
  {
    of: "dockerfile",
    query: { dockerfile: "sub/Other" },
    files: { "sub/Other": "FROM busybox\nRUN echo from other\n", Dockerfile: "FROM scratch\n" },
    says: /from other/,
  },
  { of: "dockerfile", query: {}, files: { dockerfile: "FROM busybox\nRUN echo lower\n" }, says: /lower/ },
  { of: "dockerfile", query: { dockerfile: "no" }, refused: /Cannot locate specified Dockerfile: no$/ },
  { of: "dockerfile", query: { dockerfile: "../x" }, refused: /Cannot locate specified Dockerfile/ },
  {
    of: "t",
    query: { t: ["one", "r.example:5000/two:v"] },
    dockerfile: "FROM busybox\nENV OF=t\n",
    says: /Successfully tagged one:latest\nSuccessfully tagged r.example:5000\/two:v\n$/,
    check: async ({ image }) =>
      expect([...(await image()).RepoTags].sort()).toEqual(["one:latest", "r.example:5000/two:v"]),
  },
  { of: "t", query: { t: "UPPER" }, refused: /must be lowercase|invalid reference/ },
  {
    of: "extrahosts",
    query: { extrahosts: ["a.test:192.0.2.1", "b.test:host-gateway"] },
    dockerfile: "FROM busybox\nRUN grep test /etc/hosts\n",
    says: /192\.0\.2\.1\ta\.test\n\d+\.\d+\.\d+\.\d+\tb\.test\n/,
  },
  {
    of: "q",
    query: { q: "1" },
    check: ({ lines }) => {
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    },
  },
  {
    of: "memory memswap",
    query: { memory: String(64 << 20), memswap: String(96 << 20) },
    dockerfile: cgroup("memory.max", "memory/memory.limit_in_bytes"),
    says: new RegExp(`\\[${64 << 20}\\]`),
  },
  {
    of: "cpushares cpuperiod cpuquota cpusetcpus",
    query: { cpushares: "512", cpuperiod: "50000", cpuquota: "25000", cpusetcpus: "0" },
    dockerfile: cgroup(
      "cpu.max",
      "cpu/cpu.cfs_quota_us",
      "cpu.weight",
      "cpu/cpu.shares",
      "cpuset.cpus",
      "cpuset/cpuset.cpus",
    ),
    says: /\[25000( 50000)?\]\n\[(512|20|59)\]\n\[0\]/,
  },
  { of: "memory", query: { memory: "x" }, refused: /"memory"/ },
  {
    of: "buildargs",
    query: { buildargs: '{"A":"given","B":null,"C":"unused"}' },
    dockerfile: "FROM busybox\nARG A=own\nARG B=default\nRUN echo $A $B\n",
    says: /given default\n[^]*\[Warning\] One or more build-args \[C\] were not consumed\n/,
  },
  { of: "buildargs", query: { buildargs: "[]" }, refused: /buildargs/ },
  {
    of: "shmsize",
    query: { shmsize: String(32 << 20) },
    dockerfile: "FROM busybox\nRUN df -k /dev/shm\n",
    says: /32768/,
  },
  {
    of: "squash",
    query: { squash: "1" },
    dockerfile: "FROM busybox\nRUN echo a > /a\nRUN echo b > /b && rm /a\n",
    check: async ({ image }) => {
      const base = await inspect("busybox");
      expect((await image()).RootFS.Layers).toHaveLength(base.RootFS.Layers.length + 1);
    },
  },
  {
    of: "labels",
    query: { labels: '{"k":"v","l":"w"}' },
    says: /Step 2\/3 : LABEL k=v\n[^]*Step 3\/3 : LABEL l=w\n/,
    check: async ({ image }) => expect((await image()).Config.Labels).toEqual({ k: "v", l: "w" }),
  },
  {
    of: "networkmode",
    query: { networkmode: "none" },
    dockerfile: "FROM busybox\nRUN ls /sys/class/net | tr '\\n' ,; echo\n",
    says: /(^|\n)lo,\n/,
  },
  { of: "networkmode", query: { networkmode: "container:x" }, refused: /Building on network "container:x"/ },
  {
    of: "platform",
    query: { platform: "linux/arm64" },
    dockerfile: "FROM scratch\nCOPY Dockerfile /\n",
    check: async ({ image }) => expect((await image()).Architecture).toBe("arm64"),
  },
  { of: "platform", query: { platform: "foobar" }, refused: /unknown operating system or architecture/ },
  {
    of: "target",
    query: { target: "ONE" },
    dockerfile: "FROM busybox AS one\nENV A=1\nFROM busybox\nRUN false\n",
    says: /Step 2\/2 : ENV A=1\n/,
    check: async ({ image }) => expect((await image()).Config.Env).toContain("A=1"),
  },
  { of: "target", query: { target: "no" }, refused: /target stage "no" could not be found/ },
  { of: "outputs", query: { outputs: '[{"Type":"local"}]' }, refused: /"outputs" is not supported/ },
  { of: "version", query: { version: "1" }, says: /Successfully built/ },
  { of: "version", query: { version: "2" }, refused: /BuildKit is not part of this engine/ },
  {
    of: "rm forcerm",
    query: { rm: "0", forcerm: "1" },
    dockerfile: "FROM busybox\nRUN true\n",
    check: noContainers,
  },
  // Beside the document, as clients send them.
  {
    of: "ulimits",
    query: { ulimits: '[{"Name":"nofile","Soft":77,"Hard":99}]' },
    dockerfile: "FROM busybox\nRUN ulimit -n\n",
    says: /\n77\n/,
  },
  { of: "cgroupparent", query: { cgroupparent: "/x" }, refused: /"cgroupparent" is not supported/ },
  { of: "securityopt", query: { securityopt: "x" }, refused: /security options on build/ },
  { of: "isolation", query: { isolation: "hyperv" }, refused: /Unsupported isolation/ },
];

async function noContainers(): Promise<void> {
  const { body } = await ask(at.socket, "GET", "/v1.50/containers/json?all=1");
  expect(JSON.parse(body)).toEqual([]);
}

test.each(rows.map((row) => [`${row.of}: ${JSON.stringify(row.query)}`, row] as const))(
  "POST /build: %s",
  async (_name, { query, dockerfile = "FROM busybox\n", files, says, refused, check }) => {
    const built = await post(query, await tar(files ?? { Dockerfile: dockerfile }));
    if (refused !== undefined) {
      expect(built.message).toMatch(refused);
      return expect([400, 501]).toContain(built.status);
    }
    expect([built.status, built.message]).toEqual([200, ""]);
    if (says !== undefined) expect(built.said).toMatch(says);
    await check?.(built);
  },
);

test("POST /build: nocache carries everything out anew", async () => {
  const body = await tar({ Dockerfile: "FROM busybox\nRUN echo again\n" });
  await post({}, body);
  expect((await post({}, body)).said).toContain(" ---> Using cache\n");
  const anew = (await post({ nocache: "true" }, body)).said;
  expect(anew).toMatch(/ ---> Running in [0-9a-f]{12}\nagain\n ---> Removed intermediate container/);
  expect(anew).not.toContain("Using cache");
});

test("POST /build: q says all when the build fails", async () => {
  const failed = await post({ q: "1" }, await tar({ Dockerfile: "FROM busybox\nRUN echo why; exit 4\n" }));
  expect(failed.said).toMatch(/^Step 1\/2 : FROM busybox\n[^]*\nwhy\n$/);
  expect(failed.message).toBe("The command '/bin/sh -c echo why; exit 4' returned a non-zero code: 4");
});

test("POST /build: cachefrom uses the cache that an image brings along", async () => {
  const body = await tar({ Dockerfile: "FROM busybox\nRUN echo carried > /f\nCOPY Dockerfile /\n" });
  const first = await post({ t: "carrier", buildargs: '{"BUILDKIT_INLINE_CACHE":"1"}' }, body);
  expect(first.said).not.toContain("not consumed");
  const prune = () => ask(at.socket, "POST", "/v1.50/build/prune?all=1");
  await prune();
  expect((await post({}, body)).said).not.toContain("Using cache");
  await prune();
  const again = await post({ cachefrom: '["carrier","no.such.registry.invalid/x"]' }, body);
  expect(again.said.match(/ ---> Using cache\n/g)).toHaveLength(2);
  expect(again.said).toContain('[Warning] Cannot use the cache "no.such.registry.invalid/x');
  expect((await post({ cachefrom: "{" }, body)).message).toContain("cachefrom");
});

test("POST /build: pull and X-Registry-Config fetch a newer base with the registry's credentials", async () => {
  const name = `${hub.host}/base:1`;
  const auth = { username: "ann", password: "secret" };
  const config = Buffer.from(JSON.stringify({ [hub.host]: auth })).toString("base64url");
  const push = async (text: string): Promise<void> => {
    await post({ t: name }, await tar({ Dockerfile: `FROM busybox\nENV V=${text}\n` }));
    const header = { "X-Registry-Auth": Buffer.from(JSON.stringify(auth)).toString("base64url") };
    const { body } = await ask(at.socket, "POST", `/v1.50/images/${hub.host}/base/push?tag=1`, {
      headers: header,
    });
    expect(body).not.toContain('"error"');
  };
  await push("new");
  await post({ t: name }, await tar({ Dockerfile: "FROM busybox\nENV V=old\n" }));
  const body = await tar({ Dockerfile: `FROM ${name}\nRUN echo $V is here\n` });
  expect((await post({}, body)).said).toContain("old is here");
  expect((await post({ pull: "1" }, body)).message).toMatch(/denied|unauthorized|authenticat/i);
  expect((await post({ pull: "1" }, body, { "X-Registry-Config": config })).said).toContain("new is here");
});

test("POST /build: remote is a Dockerfile, or a tar with one", async () => {
  served.set("/text", "FROM busybox\nRUN echo from text\n");
  served.set(
    "/x.tar",
    await tar({ Dockerfile: "FROM busybox\nRUN false\n", custom: "FROM busybox\nRUN echo right\n" }),
  );
  const address = `http://127.0.0.1:${web.port}`;
  const text = await post({ remote: `${address}/text`, dockerfile: "baz" }, new Uint8Array());
  expect(text.said).toContain("from text");
  expect(text.said).not.toContain("baz");
  const archive = await post({ remote: `${address}/x.tar`, dockerfile: "custom" }, new Uint8Array());
  expect(archive.said).toContain("right");
  expect((await post({ remote: `${address}/none` }, new Uint8Array())).message).toContain("404");
});

test("POST /build takes a context that is packed with gzip, bzip2, xz or zstd", async () => {
  for (const flag of ["--gzip", "--bzip2", "--xz", "--zstd"]) {
    const body = await tar({ Dockerfile: `FROM busybox\nLABEL by=${flag}\n` }, flag);
    // The program is not on every machine.
    if (body.length === 0) console.warn(`skipped: tar ${flag}`);
    else expect((await post({}, body)).said, flag).toContain("Successfully built");
  }
});

test("POST /build counts and names steps as the classic builder, whatever carries them out", async () => {
  const text = [
    "ARG V=latest",
    "FROM scratch AS files",
    "COPY Dockerfile /d",
    "FROM busybox:$V AS base",
    "ONBUILD RUN echo triggered",
    "FROM base",
    "COPY --from=files /d /d",
    "ENV A=1 \\",
    "  B=2",
    'CMD ["sh"]',
  ];
  const built = await post({ t: "counted" }, await tar({ Dockerfile: `${text.join("\n")}\n` }));
  const { Id } = await inspect("counted");
  const id = "[0-9a-f]{12}\n";
  const words = [
    "Step 1/9 : ARG V=latest\n",
    "Step 2/9 : FROM scratch AS files\n ---> \n",
    `Step 3/9 : COPY Dockerfile /d\n ---> ${id}`,
    `Step 4/9 : FROM busybox:\\$V AS base\n ---> ${(await inspect("busybox")).Id.slice(7, 19)}\n`,
    `Step 5/9 : ONBUILD RUN echo triggered\n ---> ${id}`,
    `Step 6/9 : FROM base\n# Executing 1 build trigger\ntriggered\n ---> ${id}`,
    `Step 7/9 : COPY --from=files /d /d\n ---> ${id}`,
    `Step 8/9 : ENV A=1 +B=2\n ---> ${id}`,
    `Step 9/9 : CMD \\["sh"\\]\n ---> ${Id.slice(7, 19)}\n`,
    `Successfully built ${Id.slice(7, 19)}\nSuccessfully tagged counted:latest\n`,
  ];
  expect(built.said).toMatch(new RegExp(`^${words.join("")}$`));
});

test.each([
  ["FROM busybox\nFOO bar\n", "dockerfile parse error on line 2: unknown instruction: FOO"],
  ["FROM busybox\nCOPY --x a b\n", "dockerfile parse error on line 2: unknown flag: --x"],
  ["", "the Dockerfile (Dockerfile) cannot be empty"],
  ["# nothing\n", "file with no instructions"],
])("POST /build: %j is a bad request in Docker's words", async (text, message) => {
  const { status, message: said } = await post({}, await tar({ Dockerfile: text }));
  expect([status, said]).toEqual([400, expect.stringContaining(message)]);
});

test("POST /build takes names in a tar that are not clean, and none that lead out", async () => {
  const directory = mkdtempSync(join(scratch, "unclean-"));
  for (const name of ["foo", "bar"]) writeFileSync(join(directory, name), name);
  writeFileSync(join(directory, "Dockerfile"), "FROM busybox\nCOPY foo dir/bar /\nRUN cat /foo /bar; echo\n");
  const pack = async (foo: string): Promise<Uint8Array> => {
    const names = [`--transform=s,^foo$,${foo},`, "--transform=s,^bar$,dir/./bar,"];
    const words = ["tar", "-P", ...names, "-C", directory, "-cf", "-", "Dockerfile", "foo", "bar"];
    return await Bun.spawn(words, { stdout: "pipe" }).stdout.bytes();
  };
  expect((await post({}, await pack("/foo"))).said).toContain("foobar\n");
  expect(await post({}, await pack("../foo"))).toMatchObject({
    status: 400,
    message: expect.stringContaining("path escapes the root"),
  });
});

test("the table has every parameter of the API's document", () => {
  const document = join(import.meta.dir, "../data/engine-api/swagger-v1.50.json");
  const { paths } = JSON.parse(readFileSync(document, "utf8")) as {
    paths: { "/build": { post: { parameters: readonly { name: string; in: string }[] } } };
  };
  const tested = new Set([
    ...rows.flatMap(({ of }) => of.split(" ")),
    "nocache",
    "cachefrom",
    "pull",
    "remote",
  ]);
  const named = paths["/build"].post.parameters.filter((each) => each.in === "query").map(({ name }) => name);
  expect(named.filter((name) => !tested.has(name))).toEqual([]);
});

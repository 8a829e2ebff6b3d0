import { afterAll, beforeAll, expect, test } from "bun:test";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  [lab, registry] = await Promise.all([Lab.open(), LocalRegistry.open()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([lab[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()]);
}, 60_000);

const text = [
  "FROM busybox",
  "ARG VERSION=1",
  "COPY root /",
  "RUN --mount=type=secret,id=token,env=TOKEN echo $VERSION > /version",
];
const files = {
  Dockerfile: `${text.join("\n")}\n`,
  "root/etc/os-release": 'ID=debian\nVERSION_ID="12"\n',
  "root/var/lib/dpkg/status":
    "Package: zlib1g\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:1.2.13\nMaintainer: A <a@b.c>\n\n" +
    "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n",
  "root/lib/apk/db/installed": "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\n\n",
  "root/app/node_modules/@s/p/package.json": '{"name":"@s/p","version":"2.0.0","license":"MIT OR (BSD"}',
  "root/app/node_modules/q/package.json": "no JSON",
};

interface Index {
  readonly manifests: readonly {
    readonly digest: string;
    readonly platform: { readonly os: string };
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
}
/** As much of SLSA's predicates and of SPDX as is looked at. */
interface Predicate {
  readonly materials?: unknown;
  readonly invocation?: { readonly parameters: unknown };
  readonly runDetails?: { readonly builder: { readonly id: string } };
  readonly spdxVersion?: string;
  readonly packages?: readonly {
    readonly externalRefs: readonly { readonly referenceLocator: string }[];
    readonly licenseDeclared: string;
  }[];
}
interface Statement {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

/** What a registry has of the attestations of a tag, by type of predicate. */
async function statements(
  repository: string,
  tag: string,
): Promise<{ index: Index; byType: Map<string, Statement> }> {
  const base = `http://127.0.0.1:${registry.port}/v2/${repository}`;
  const accept = {
    headers: {
      Accept: "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json",
    },
  };
  const index = (await (await fetch(`${base}/manifests/${tag}`, accept)).json()) as Index;
  const attested = index.manifests.find(({ platform }) => platform.os === "unknown");
  const manifest = (await (await fetch(`${base}/manifests/${attested?.digest}`, accept)).json()) as {
    layers: { mediaType: string; digest: string; annotations: Record<string, string> }[];
  };
  const byType = new Map<string, Statement>();
  for (const { mediaType, digest, annotations } of manifest.layers) {
    expect(mediaType).toBe("application/vnd.in-toto+json");
    const statement = (await (await fetch(`${base}/blobs/${digest}`)).json()) as Statement;
    expect(annotations["in-toto.io/predicate-type"]).toBe(statement.predicateType);
    byType.set(statement.predicateType, statement);
  }
  return { index, byType };
}

test("--provenance mode=max and --sbom: statements about the manifest that is pushed, without a secret", async () => {
  lab.env["TOKEN"] = "very-hidden";
  const name = `127.0.0.1:${registry.port}/attested:1`;
  const flags = [
    "--provenance",
    "mode=max",
    "--sbom=true",
    "--build-arg",
    "VERSION=7",
    "--secret",
    "id=token,env=TOKEN",
  ];
  await lab.out("build", "-q", ...flags, "--push", "-t", name, lab.files(files));
  const { index, byType } = await statements("attested", "1");
  const [image, attestation] = index.manifests;
  expect(attestation?.annotations).toEqual({
    "vnd.docker.reference.digest": image?.digest ?? "",
    "vnd.docker.reference.type": "attestation-manifest",
  });
  const slsa = byType.get("https://slsa.dev/provenance/v0.2");
  expect(slsa?.subject[0]?.digest.sha256).toBe(image?.digest.slice(7) ?? "");
  expect(slsa?.subject[0]?.name).toMatch(
    /^pkg:docker\/127\.0\.0\.1%3A\d+\/attested@1\?platform=linux%2Famd64$/,
  );
  expect(slsa?.predicate.materials).toEqual([
    { uri: "pkg:docker/busybox@latest?platform=linux%2Famd64", digest: { sha256: expect.any(String) } },
  ]);
  expect(slsa?.predicate.invocation?.parameters).toMatchObject({
    args: { "build-arg:VERSION": "7" },
    secrets: [{ id: "token" }],
  });
  expect(JSON.stringify([...byType.values()])).not.toContain("very-hidden");
  const spdx = byType.get("https://spdx.dev/Document")?.predicate;
  expect(spdx?.spdxVersion).toBe("SPDX-2.3");
  const packages = spdx?.packages?.map((one) => [one.externalRefs[0]?.referenceLocator, one.licenseDeclared]);
  expect(packages).toEqual([
    ["pkg:deb/debian/zlib1g@1%3A1.2.13?arch=amd64&distro=debian-12", "NOASSERTION"],
    ["pkg:apk/debian/musl@1.2.5-r0?arch=x86_64&distro=debian-12", "MIT"],
    ["pkg:npm/%40s/p@2.0.0", "NOASSERTION"],
  ]);
}, 60_000);

test("an attested image is listed, inspected, run, checked, saved, loaded and pulled like any other", async () => {
  const name = `127.0.0.1:${registry.port}/attested:2`;
  await lab.out("build", "-q", "--provenance=true", "--push", "-t", name, lab.files(files));
  const min = (await statements("attested", "2")).byType.get("https://slsa.dev/provenance/v0.2");
  expect(JSON.stringify(min)).not.toContain("VERSION");
  expect(await lab.out("run", "--rm", name, "cat", "/version")).toBe("1");
  expect(await lab.out("images", "--tree")).not.toContain("unknown");
  expect(await lab.out("inspect", "-f", "{{.Architecture}}", name)).not.toBe("unknown");
  expect(await lab.out("manifest", "inspect", "--local", name)).toContain("attestation-manifest");
  expect(await lab.out("system", "check")).toBeString();
  const archive = `${lab.directory}/attested.tar`;
  await lab.out("save", "-o", archive, name);
  await lab.out("rmi", name);
  await lab.out("load", "-i", archive);
  expect(await lab.out("run", "--rm", name, "cat", "/version")).toBe("1");
  await lab.out("rmi", name);
  await lab.out("pull", name);
  expect(await lab.out("run", "--rm", name, "cat", "/version")).toBe("1");
}, 60_000);

test("--attest type=provenance,version=v1; what is asked for wrongly is said", async () => {
  const name = `127.0.0.1:${registry.port}/attested:3`;
  const attest = "type=provenance,version=v1,builder-id=https://ci.example/1";
  await lab.out("build", "-q", "--attest", attest, "--push", "-t", name, lab.files(files));
  const v1 = (await statements("attested", "3")).byType.get("https://slsa.dev/provenance/v1");
  expect(v1?.predicate.runDetails?.builder.id).toBe("https://ci.example/1");
  const { code, stderr } = await lab.run(["build", "--sbom", "generator=x", lab.files(files)]);
  expect(code).toBe(1);
  expect(stderr).toContain('the option "generator" is not supported');
}, 60_000);

import type { Digest } from "../../oci/digest.ts";
import { formatPlatform, type Platform } from "../../oci/platform.ts";
import { parseReference } from "../../oci/reference.ts";

/** An in-toto statement (in-toto attestation framework, "Statement" v0.1), as BuildKit attaches it. */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v0.1";
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly predicate: object;
}

/** What a statement is about: a manifest, under each name it gets. */
export interface Subject {
  readonly digest: Digest;
  readonly platform: Platform;
  /** canonical references */
  readonly names: readonly string[];
}

export function statement(predicateType: string, predicate: object, about: Subject): Statement {
  const names = about.names.length === 0 ? ["_"] : about.names.map((name) => imagePurl(name, about.platform));
  const digest = digestSet(about.digest);
  return {
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType,
    subject: names.map((name) => ({ name, digest })),
    predicate,
  };
}

/** `{ sha256: "ab12…" }` */
export function digestSet(digest: string): Record<string, string> {
  const colon = digest.indexOf(":");
  return { [digest.slice(0, colon)]: digest.slice(colon + 1) };
}

/** `pkg:docker/alpine@3.20?platform=linux%2Famd64` (package-url, type "docker"). */
export function imagePurl(name: string, platform: Platform): string {
  const { domain, path, tag, digest } = parseReference(name);
  const short = domain === "docker.io" ? path.replace(/^library\//, "") : `${domain}/${path}`;
  const version = tag ?? (digest === undefined ? "latest" : undefined);
  const qualifiers = [
    ...(digest === undefined ? [] : [`digest=${digest}`]),
    `platform=${encodeURIComponent(formatPlatform(platform))}`,
  ];
  const at = version === undefined ? "" : `@${encodeURIComponent(version)}`;
  return `pkg:docker/${short.split("/").map(encodeURIComponent).join("/")}${at}?${qualifiers.join("&")}`;
}

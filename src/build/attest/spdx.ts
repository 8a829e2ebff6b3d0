import { digestOf } from "../../oci/digest.ts";

/** A package that was found in an image. */
export interface FoundPackage {
  readonly name: string;
  readonly version: string;
  /** package-url: `pkg:deb/debian/zlib1g@1:1.2.13?arch=amd64` */
  readonly purl: string;
  /** The package manager, or the file, that says so. */
  readonly source: string;
  /** As its author put it. */
  readonly license?: string;
  readonly supplier?: string;
}

/** An SPDX document of an image's packages (SPDX 2.3). The same packages at the same time give the same document. Pure. */
export function spdxDocument(
  packages: readonly FoundPackage[],
  about: { readonly name: string; readonly createdAt: number; readonly version: string },
): object {
  const hash = digestOf(JSON.stringify([about.name, packages])).slice(7);
  const ids = packages.map((_, at) => `SPDXRef-Package-${at + 1}`);
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: about.name,
    documentNamespace: `https://spdx.org/spdxdocs/slipway-${hash}`,
    creationInfo: {
      created: new Date(about.createdAt).toISOString().replace(/\.\d+Z$/, "Z"),
      creators: [`Tool: slipway-${about.version}`],
    },
    packages: packages.map((one, at) => spdxPackage(one, ids[at] ?? "")),
    relationships: ids.map((id) => ({
      spdxElementId: "SPDXRef-DOCUMENT",
      relationshipType: "DESCRIBES",
      relatedSpdxElement: id,
    })),
  };
}

function spdxPackage({ name, version, purl, source, license, supplier }: FoundPackage, id: string): object {
  const person = /^(.*?)\s*<([^>]*)>$/.exec(supplier ?? "");
  return {
    SPDXID: id,
    name,
    versionInfo: version,
    supplier: person === null ? "NOASSERTION" : `Organization: ${person[1]} (${person[2]})`,
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    sourceInfo: `found by ${source}`,
    licenseConcluded: "NOASSERTION",
    licenseDeclared: isExpression(license) ? license : "NOASSERTION",
    copyrightText: "NOASSERTION",
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl }],
  };
}

/** Looks like an expression of licenses (SPDX 2.3, annex D). */
function isExpression(license: string | undefined): boolean {
  if (license === undefined || !/^\(*[\w.+-]+\)*( (AND|OR|WITH) \(*[\w.+-]+\)*)*$/.test(license))
    return false;
  return license.split("(").length === license.split(")").length;
}

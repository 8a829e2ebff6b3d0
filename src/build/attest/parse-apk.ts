import type { FoundPackage } from "./spdx.ts";

/** The packages of apk's database of what is installed (Alpine wiki, "Apk spec", "Installed database"). Pure. */
export function parseApk(
  text: string,
  { id, version }: { readonly id: string; readonly version: string },
): FoundPackage[] {
  return text.split(/\n\n+/).flatMap((paragraph) => {
    const field = (letter: string): string =>
      new RegExp(`^${letter}:(.*)$`, "m").exec(paragraph)?.[1]?.trim() ?? "";
    const [name, number, architecture, license] = ["P", "V", "A", "L"].map(field);
    if (name === undefined || name === "" || number === undefined || number === "") return [];
    const distribution = id === "" ? "alpine" : id;
    const qualifiers = [
      ...(architecture === "" ? [] : [`arch=${encodeURIComponent(architecture ?? "")}`]),
      ...(version === "" ? [] : [`distro=${encodeURIComponent(`${distribution}-${version}`)}`]),
    ];
    const more = qualifiers.length === 0 ? "" : `?${qualifiers.join("&")}`;
    const path = [distribution, name].map(encodeURIComponent).join("/");
    return [
      {
        name,
        version: number,
        purl: `pkg:apk/${path}@${encodeURIComponent(number)}${more}`,
        source: "apk",
        ...(license !== "" && { license }),
      },
    ];
  });
}

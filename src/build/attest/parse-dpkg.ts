import type { FoundPackage } from "./spdx.ts";

/** The installed packages of a dpkg status file (Debian policy, "Control files and their fields"). Pure. */
export function parseDpkg(
  text: string,
  { id, version }: { readonly id: string; readonly version: string },
): FoundPackage[] {
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string): string =>
      new RegExp(`^${name}: *(.*)$`, "im").exec(paragraph)?.[1]?.trim() ?? "";
    const [name, number, architecture, status] = ["Package", "Version", "Architecture", "Status"].map(field);
    const isInstalled = status === "" || /\binstalled$/.test(status ?? "");
    if (name === undefined || name === "" || number === undefined || number === "" || !isInstalled) return [];
    const distribution = id === "" ? "debian" : id;
    const qualifiers = [
      ...(architecture === "" ? [] : [`arch=${encodeURIComponent(architecture ?? "")}`]),
      ...(version === "" ? [] : [`distro=${encodeURIComponent(`${distribution}-${version}`)}`]),
    ];
    const more = qualifiers.length === 0 ? "" : `?${qualifiers.join("&")}`;
    const path = [distribution, name].map(encodeURIComponent).join("/");
    const supplier = field("Maintainer");
    return [
      {
        name,
        version: number,
        purl: `pkg:deb/${path}@${encodeURIComponent(number)}${more}`,
        source: "dpkg",
        ...(supplier !== "" && { supplier }),
      },
    ];
  });
}

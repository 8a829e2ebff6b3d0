import type { FoundPackage } from "./spdx.ts";

/** An installed package by its package.json (npm documentation, "package.json"); undefined for what is none. Pure. */
export function parseNpm(text: string, path: string): FoundPackage | undefined {
  const document = parsed(text);
  const { name, version, license } = document;
  if (typeof name !== "string" || typeof version !== "string" || name === "" || version === "")
    return undefined;
  const words = name.split("/").map(encodeURIComponent).join("/");
  return {
    name,
    version,
    purl: `pkg:npm/${words}@${encodeURIComponent(version)}`,
    source: path,
    ...(typeof license === "string" && { license }),
  };
}

function parsed(text: string): {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly license?: unknown;
} {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

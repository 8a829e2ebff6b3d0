import type { S3Client } from "./s3-client.ts";

export interface S3Entry {
  /** Below the prefix that was listed. */
  readonly name: string;
  readonly size: number;
  readonly modified: Date;
}

/** The objects below `prefix/`, and with `shallow` the prefixes directly below it instead of what they hold. */
export async function listObjects(
  client: S3Client,
  prefix: string,
  shallow = false,
): Promise<{ objects: S3Entry[]; prefixes: string[] }> {
  const full = `${client.fullKey(prefix)}/`;
  const objects: S3Entry[] = [];
  const prefixes: string[] = [];
  for (let token: string | undefined = ""; token !== undefined;) {
    const query: Record<string, string> = {
      "list-type": "2",
      prefix: full,
      ...(shallow && { delimiter: "/" }),
      ...(token !== "" && { "continuation-token": token }),
    };
    const xml: string = await (await client.send({ method: "GET", query })).text();
    for (const item of elements(xml, "Contents"))
      objects.push({
        name: element(item, "Key").slice(full.length),
        size: Number(element(item, "Size")),
        modified: new Date(element(item, "LastModified")),
      });
    // AWS has an element for each prefix, others put them all into one.
    for (const item of elements(xml, "CommonPrefixes").flatMap((group) => elements(group, "Prefix")))
      prefixes.push(item.slice(full.length, -1));
    token = element(xml, "NextContinuationToken") || undefined;
  }
  return { objects, prefixes };
}

/** The texts between `<name>` and `</name>`. S3's answers neither nest these nor give them attributes. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, "g"))].map((match) => match[1] ?? "");
}

/** The first such text, with its entities resolved; empty when there is none. */
export function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? "";
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll(/&quot;|&#34;|&#x22;/g, '"')
    .replaceAll("&amp;", "&");
}

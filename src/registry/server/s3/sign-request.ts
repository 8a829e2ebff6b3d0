import { createHash, createHmac } from "node:crypto";

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignOptions {
  readonly method: string;
  readonly url: URL;
  readonly region: string;
  readonly credentials: S3Credentials;
  readonly now: Date;
}

const unsigned = "UNSIGNED-PAYLOAD";

/** The headers that sign a request (AWS Signature Version 4). `headers` have lower-case names. */
export function signedHeaders(
  options: SignOptions,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const { url, credentials, now } = options;
  const all: Record<string, string> = {
    ...headers,
    host: url.host,
    "x-amz-content-sha256": unsigned,
    "x-amz-date": stamp(now),
    ...(credentials.sessionToken && { "x-amz-security-token": credentials.sessionToken }),
  };
  const names = Object.keys(all).sort();
  const signature = sign(options, all, names);
  const credential = `${credentials.accessKeyId}/${scope(options)}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  const { host: _host, ...sent } = all;
  return { ...sent, authorization };
}

/** A URL that anyone may use as `options` says for `seconds`. */
export function presignedUrl(options: SignOptions, seconds: number): string {
  const { credentials, now } = options;
  const url = new URL(options.url);
  url.searchParams.set("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  url.searchParams.set("X-Amz-Credential", `${credentials.accessKeyId}/${scope(options)}`);
  url.searchParams.set("X-Amz-Date", stamp(now));
  url.searchParams.set("X-Amz-Expires", String(seconds));
  url.searchParams.set("X-Amz-SignedHeaders", "host");
  if (credentials.sessionToken) url.searchParams.set("X-Amz-Security-Token", credentials.sessionToken);
  const signature = sign({ ...options, url }, { host: url.host }, ["host"]);
  url.searchParams.set("X-Amz-Signature", signature);
  return url.href;
}

function sign(
  options: SignOptions,
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
): string {
  const { method, url, now, credentials, region } = options;
  const canonical = [
    method,
    url.pathname
      .split("/")
      .map((part) => encode(decodeURIComponent(part)))
      .join("/"),
    canonicalQuery(url),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim()}`),
    "",
    names.join(";"),
    unsigned,
  ].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", stamp(now), scope(options), hash].join("\n");
  let key: Buffer = hmac(`AWS4${credentials.secretAccessKey}`, stamp(now).slice(0, 8));
  for (const part of [region, "s3", "aws4_request"]) key = hmac(key, part);
  return hmac(key, text).toString("hex");
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

function scope({ now, region }: SignOptions): string {
  return `${stamp(now).slice(0, 8)}/${region}/s3/aws4_request`;
}

/** `20261123T161500Z` */
function stamp(now: Date): string {
  return now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
}

/** RFC 3986: encodeURIComponent leaves five characters that AWS wants encoded. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

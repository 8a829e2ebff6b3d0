import { type KeyObject, sign, verify } from "node:crypto";

/** The claims of a registry token (distribution, "Token Authentication Implementation"). Times in seconds. */
export interface Claims {
  readonly iss: string;
  /** The account; empty for someone not logged in. */
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly nbf: number;
  readonly iat: number;
  readonly jti: string;
  readonly access?: readonly {
    readonly type: string;
    readonly name: string;
    readonly actions: readonly string[];
  }[];
  /** `refresh` for a token that only buys others. */
  readonly use?: string;
}

/** Clocks of issuer and registry may differ by this many seconds. */
const leeway = 30;
const longest = 32 << 10;

/** A compact JWT (RFC 7519) signed with ES256. */
export function signJwt(claims: Claims, key: KeyObject): string {
  const head = encode({ typ: "JWT", alg: "ES256" });
  const body = encode(claims);
  const signature = sign("sha256", Buffer.from(`${head}.${body}`), { key, dsaEncoding: "ieee-p1363" });
  return `${head}.${body}.${signature.toString("base64url")}`;
}

/**
 * The claims of a token that `key` signed, with ES256 or RS256 as its kind of key has it, for audience `aud`, valid at `now` (seconds); undefined
 * otherwise. The algorithm is ours to say, never the token's.
 */
export function verifyJwt(
  token: string,
  key: KeyObject,
  expected: { aud: string; iss: string; now: number },
): Claims | undefined {
  const parts = token.length > longest ? [] : token.split(".");
  const [head, body, signature] = parts;
  if (parts.length !== 3 || !head || !body || !signature) return undefined;
  const algorithm = algorithmOf(key);
  if (algorithm === undefined || decode(head)?.alg !== algorithm) return undefined;
  const signed = Buffer.from(`${head}.${body}`);
  const bytes = Buffer.from(signature, "base64url");
  if (!verify("sha256", signed, { key, dsaEncoding: "ieee-p1363" }, bytes)) return undefined;
  const claims = decode(body) as Claims | undefined;
  if (claims === undefined || claims.iss !== expected.iss || !isFor(claims.aud, expected.aud))
    return undefined;
  const { now } = expected;
  return claims.exp > now - leeway && !(claims.nbf > now + leeway) ? claims : undefined;
}

/** What a key signs with; undefined for keys that are not taken. */
function algorithmOf(key: KeyObject): "ES256" | "RS256" | undefined {
  if (key.asymmetricKeyType === "rsa") return "RS256";
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1"
    ? "ES256"
    : undefined;
}

/** RFC 7519, 4.1.3: one audience, or a list. */
function isFor(audience: unknown, wanted: string): boolean {
  return Array.isArray(audience) ? audience.includes(wanted) : audience === wanted;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

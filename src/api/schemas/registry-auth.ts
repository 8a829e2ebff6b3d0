import type { RegistryAuth } from "../../engine/types/image.ts";
import { SlipwayError } from "../../errors.ts";
import { parseJson } from "../json-body.ts";
import { mapOf, object, text, type Check } from "../schema.ts";

/** Engine API `AuthConfig`. */
export const registryAuth: Check<RegistryAuth> = object({
  username: text,
  password: text,
  email: text,
  serveraddress: text,
  identitytoken: text,
  registrytoken: text,
});

/** `X-Registry-Auth`: base64url JSON. Absent and `{}` are undefined. Its content is in no error message. */
export function authHeader(value: string | undefined): RegistryAuth | undefined {
  const auth = decode(value, "X-Registry-Auth", registryAuth);
  return auth === undefined || Object.values(auth).every((field) => field === "") ? undefined : auth;
}

/** `X-Registry-Config`: base64url JSON of registry host → credentials. */
export function configHeader(value: string | undefined): Record<string, RegistryAuth> | undefined {
  return decode(value, "X-Registry-Config", mapOf(registryAuth));
}

function decode<T>(value: string | undefined, name: string, check: Check<T>): T | undefined {
  if (value === undefined || value === "") return undefined;
  try {
    const parsed = parseJson(Buffer.from(value, "base64url").toString("utf8"));
    return parsed === undefined || parsed === null ? undefined : check(parsed, "");
  } catch {
    throw new SlipwayError("invalid_argument", `Invalid ${name} header: not base64 of a JSON document`);
  }
}

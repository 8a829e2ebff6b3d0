import { isIP } from "../../internal/is-ip.ts";
import { UsageError } from "../flags/parse-flags.ts";

/** `--dns`: an address in its canonical spelling. Throws {@link UsageError} in Docker's words. Pure. */
export function ipAddress(text: string): string {
  const address = text.trim();
  const version = isIP(address);
  if (version === 0) throw new UsageError(`IP address is not correctly formatted: ${text}`);
  return version === 4 ? address : new URL(`http://[${address}]`).hostname.slice(1, -1);
}

const longestDomain = 255;

/** `--dns-search`: a domain, or `.` for none. Pure. */
export function searchDomain(text: string): string {
  const domain = text.trim();
  if (domain === ".") return domain;
  const labels = domain.replace(/\.$/, "").split(".");
  const isDomain =
    /[a-zA-Z]/.test(domain) &&
    domain.length < longestDomain &&
    labels.every((label) => /^[a-zA-Z\d](?:[a-zA-Z\d-]*[a-zA-Z\d])?$/.test(label));
  if (!isDomain) throw new UsageError(`${text} is not a valid domain`);
  return domain;
}

/** `--link name[:alias]`. Pure. */
export function link(text: string): string {
  if (text === "") throw new UsageError("empty string specified for links");
  if (text.split(":").length > 2) throw new UsageError(`bad format for links: ${text}`);
  return text;
}

/** `--label name[=value]`. Pure. */
export function label(text: string): string {
  const name = (text.split("=", 1)[0] ?? "").trimStart();
  if (name.trim() === "") throw new UsageError(`invalid label '${text}': empty name`);
  if (/\s/.test(name)) throw new UsageError(`label '${name}' contains whitespaces`);
  return text.trimStart();
}

import { isIP } from "../../internal/is-ip.ts";
import { parseUlimit } from "../../internal/parse-ulimit.ts";
import { parseMountOption } from "../../volume/parse-mount-option.ts";
import { UsageError } from "../flags/parse-flags.ts";

/** `--add-host`: `name:address` or `name=address`; kept with a colon. Pure. */
export function extraHost(text: string): string {
  const found = /^([^:=]+)[:=](.+)$/s.exec(text);
  if (found === null) throw new UsageError(`bad format for add-host: "${text}"`);
  const [, name = "", written = ""] = found;
  const address = written.replace(/^\[(.*)\]$/, "$1");
  if (address !== "host-gateway" && isIP(address) === 0)
    throw new UsageError(`invalid IP address in add-host: "${address}"`);
  return `${name}:${address}`;
}

/** `--attach`. Pure. */
export function standardStream(text: string): string {
  const name = text.toLowerCase();
  if (["stdin", "stdout", "stderr"].includes(name)) return name;
  throw new UsageError("valid streams are STDIN, STDOUT and STDERR");
}

/** `--env name[=value]`. Pure. */
export function variable(text: string): string {
  if (text.startsWith("=") || text === "") throw new UsageError(`invalid environment variable: ${text}`);
  return text;
}

/** `--mount`, kept as it is: a relative source means the directory of now. */
export function mount(text: string): string {
  parseMountOption(text, process.cwd());
  return text;
}

/** `--ulimit name=soft[:hard]`, kept as it is. Pure. */
export function ulimit(text: string): string {
  parseUlimit(text);
  return text;
}

const sysctls = "msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced".split(" ");

/** `--sysctl name=value`: those that a namespace has of its own. Pure. */
export function sysctl(text: string): string {
  const [name = "", value] = text.split("=");
  const isNamespaced = /^(net|fs\.mqueue)\./.test(name) || sysctls.some((own) => name === `kernel.${own}`);
  if (value !== undefined && isNamespaced) return text;
  throw new UsageError(`sysctl '${text}' is not allowed`);
}

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

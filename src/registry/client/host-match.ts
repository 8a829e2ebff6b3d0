import { BlockList, isIP } from "node:net";

/** Whether `host` (`reg.local:5000`, `[::1]:5000`) is this machine by name or address. */
export function isLoopback(host: string): boolean {
  const name = hostName(host);
  return (
    name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name)
  );
}

/** Whether `host` is in Docker's `insecure-registries`: `host:port`, `host` for any port, or a CIDR block. */
export function isInsecure(host: string, list: readonly string[]): boolean {
  const name = hostName(host);
  return list.some((entry) => {
    if (entry.includes("/")) return inBlock(name, entry);
    return entry === host || entry === name;
  });
}

/** Whether `NO_PROXY` covers `url`. Loopback never goes through a proxy. */
export function bypassesProxy(url: URL, noProxy: string): boolean {
  if (isLoopback(url.host)) return true;
  const name = hostName(url.host);
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    if (entry.includes("/")) return inBlock(name, entry);
    const [, pattern = entry, wantedPort] =
      /^(.*?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `${entry}` : entry) ?? [];
    if (wantedPort !== undefined && isIP(entry) !== 6 && wantedPort !== port) return false;
    const bare = (isIP(entry) === 6 ? entry : pattern).replace(/^\*?\./, "").toLowerCase();
    return name === bare || name.endsWith(`.${bare}`);
  });
}

/** Without port and brackets, lower case. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host);
  return (bracketed?.[1] ?? host.replace(/:\d+$/, "")).toLowerCase();
}

function inBlock(address: string, block: string): boolean {
  const [network = "", bits = ""] = block.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(address, family === 4 ? "ipv4" : "ipv6");
}

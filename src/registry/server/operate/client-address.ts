import { BlockList, isIP } from "node:net";

/** Says which client a request is of, where proxies that are trusted stand in front of the registry. */
export type ClientAddress = (peer: string | undefined, headers: Headers) => string | undefined;

/**
 * Reads `X-Forwarded-For` from its end, as long as who wrote an entry is one of `proxies` (`127.0.0.1`, `10.0.0.0/8`):
 * what stands before may be anybody's claim. Throws `RangeError` for what is neither an address nor a network.
 */
export function clientAddress(proxies: readonly string[]): ClientAddress {
  if (proxies.length === 0) return (peer) => peer;
  const trusted = new BlockList();
  for (const proxy of proxies) add(trusted, proxy);
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
  return (peer, headers) => {
    let client = peer === undefined ? undefined : plain(peer);
    const claims = (headers.get("x-forwarded-for") ?? "").split(",").map((claim) => plain(claim.trim()));
    while (client !== undefined && isTrusted(client)) {
      const before = claims.pop();
      if (before === undefined || isIP(before) === 0) break;
      client = before;
    }
    return client;
  };
}

function add(list: BlockList, text: string): void {
  const [address = "", prefix] = text.split("/");
  const family = isIP(address);
  const bits = Number(prefix ?? (family === 4 ? 32 : 128));
  if (family === 0 || !/^\d{0,3}$/.test(prefix ?? "") || prefix === "" || bits > (family === 4 ? 32 : 128))
    throw new RangeError(`${JSON.stringify(text)} is neither an address nor a network`);
  list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6");
}

/** An IPv4 address that came over an IPv6 socket is that IPv4 address; `[::1]:443` is `::1`. */
function plain(address: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
  return bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

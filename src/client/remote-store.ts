import type { StoreOptions, StoreService } from "../engine/store.ts";
import type { Wire } from "./wire.ts";

const mounts = "/slipway/v1/images/mounts";

/** Images and the disk of an engine behind a socket, looked into. */
export function remoteStore(wire: Wire): StoreService {
  return {
    layers: (name, o) => wire.json("GET", "/slipway/v1/images/layers", details({ name }, o)),
    files: (name, o) => wire.json("GET", "/slipway/v1/images/files", details({ name }, o)),
    diff: (a, b, o) => wire.json("GET", "/slipway/v1/images/diff", details({ a, b }, o)),
    trees: (o) => wire.json("GET", "/slipway/v1/images/trees", { signal: o?.signal }),
    manifest: (name, o) => {
      const { query, ...others } = details({ name }, o);
      const which = { ...query, local: o?.local, children: o?.children, insecure: o?.insecure };
      return wire.json("GET", "/slipway/v1/images/manifest", { ...others, query: which });
    },
    mount: (name, o) => wire.json("POST", mounts, { query: { name }, signal: o?.signal }),
    unmount: (name, o) => wire.done("DELETE", mounts, { query: { name }, signal: o?.signal }),
    mounted: (o) => wire.json("GET", mounts, { signal: o?.signal }),
    check: (o) =>
      wire.json("POST", "/slipway/v1/system/check", { query: { repair: o?.repair }, signal: o?.signal }),
    explain: (o) => wire.json("GET", "/slipway/v1/system/explain", { signal: o?.signal }),
  };
}

function details(query: Record<string, string>, o: StoreOptions = {}) {
  const auths = Buffer.from(JSON.stringify(o.auths ?? {})).toString("base64url");
  return { query, headers: { "X-Registry-Config": auths }, signal: o.signal };
}

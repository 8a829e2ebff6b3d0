import type { ManifestListOptions, ManifestListService } from "../engine/manifests.ts";
import type { Wire } from "./wire.ts";

const lists = "/slipway/v1/manifests";

/** Manifest lists of an engine behind a socket. */
export function remoteManifests(wire: Wire): ManifestListService {
  return {
    create: (list, images, o) => {
      const query = { list, image: images, insecure: o?.insecure, amend: o?.amend, local: o?.local };
      return wire.json("POST", lists, { query, ...access(o) });
    },
    get: (list, o) => wire.json("GET", lists, { query: { list }, signal: o?.signal }),
    annotate: (list, image, platform, o) =>
      wire.json("POST", `${lists}/annotate`, { query: { list, image }, json: platform, signal: o?.signal }),
    push: (list, o) => {
      const query = { list, insecure: o?.insecure, purge: o?.purge };
      return wire.json("POST", `${lists}/push`, { query, ...access(o) });
    },
    remove: (list, o) => wire.done("DELETE", lists, { query: { list }, signal: o?.signal }),
  };
}

function access(o: ManifestListOptions = {}) {
  const auths = Buffer.from(JSON.stringify(o.auths ?? {})).toString("base64url");
  return { headers: { "X-Registry-Config": auths }, signal: o.signal };
}

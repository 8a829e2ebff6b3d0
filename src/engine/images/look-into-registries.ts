import { SlipwayError } from "../../errors.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { parseReference, pullReference, type Reference } from "../../oci/reference.ts";
import { listCatalog } from "../../registry/client/catalog.ts";
import { openRepository } from "../../registry/client/repository.ts";
import { listRegistry } from "../manifests/list-registry.ts";
import type { ReferrerList, RegistryOptions, RegistryService } from "../registries.ts";
import type { ImageHost } from "./image-host.ts";

/** Registries as the engine reaches them. */
export function registriesOf(images: ImageHost): RegistryService {
  return {
    repositories: (host, o) => repositories(images, host, o),
    tags: (name, o) => tags(images, name, o),
    referrers: (name, o) => referrers(images, name, o),
  };
}

async function repositories(images: ImageHost, host: string, o: RegistryOptions = {}) {
  // A repository of it, to have its host checked and written as references have it.
  const reference = hostReference(host);
  const config = listRegistry(images, reference, o);
  return { Repositories: await listCatalog(reference.domain, config, { signal: o.signal }) };
}

async function tags(images: ImageHost, name: string, o: RegistryOptions = {}) {
  return { Tags: await open(images, parseReference(name), o).tags({ signal: o.signal }) };
}

async function referrers(images: ImageHost, name: string, o: RegistryOptions = {}): Promise<ReferrerList> {
  const reference = pullReference(parseReference(name));
  const repository = open(images, reference, o);
  const { signal } = o;
  const subject = await digestOf(repository, reference, o);
  return { Subject: subject, Referrers: await repository.referrers(subject, { signal }) };
}

async function digestOf(
  repository: ReturnType<typeof openRepository>,
  { digest, tag }: Reference,
  { signal }: RegistryOptions,
): Promise<Digest> {
  if (digest !== undefined && isDigest(digest)) return digest;
  return (await repository.resolve(tag ?? "latest", { signal })).digest;
}

function open(images: ImageHost, reference: Reference, o: RegistryOptions) {
  return openRepository(reference, listRegistry(images, reference, o));
}

function hostReference(host: string): Reference {
  const reference = parseReference(`${host}/x`);
  if (reference.domain === host || host === "docker.io") return reference;
  throw new SlipwayError("invalid_argument", `"${host}" is no registry's address: write host:port`);
}

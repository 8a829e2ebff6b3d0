import { SlipwayError } from "../../errors.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import type { BlobReader } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { isDigest, splitDigest, type Digest } from "../../oci/digest.ts";
import { repositoryName, type Reference } from "../../oci/reference.ts";
import type { PushContentOptions, Target } from "../../oci/target.ts";
import { type BlobUploadOptions, mountBlob, uploadBlob } from "./blob-upload.ts";
import { registryEndpoints, type Endpoint } from "./endpoint.ts";
import { HttpClient } from "./http-client.ts";
import { isAbsent, pullError, pushError } from "./operation-error.ts";
import { firstIndex, listAll } from "./listing.ts";
import {
  bytesReader,
  contentKind,
  contentRequest,
  fetchManifest,
  headManifest,
  maxManifestBytes,
  type Send,
} from "./manifests.ts";
import { addToReferrersTag, referrersTag, removeFromReferrersTag, subjectOf } from "./referrers-tag.ts";
import type { RegistryConfig } from "./registry-config.ts";
import { RemoteBlob } from "./remote-blob.ts";
import { Transport } from "./transport.ts";
import { verifiedBytes } from "./verified-bytes.ts";

/** Opens the repository `reference` names. Nothing is sent until it is used. Throws `invalid_argument`. */
export function openRepository(reference: Reference, config: RegistryConfig = {}): Repository {
  return new Repository(reference, config);
}

/**
 * A repository of a registry (distribution-spec 1.1). Refs are tags and digests. Reads ask the mirrors of the
 * configuration first and fall back to the registry; writes go to the registry alone. Tokens are kept as long as
 * the object is.
 */
export class Repository implements Target {
  readonly #reference: Reference;
  readonly #endpoints: readonly Endpoint[];
  readonly #transport: Transport;
  /** The manifest pushed last, which is mostly tagged next. */
  #pushed: { readonly digest: Digest; readonly bytes: Uint8Array } | undefined;

  /** What the registry was just found to lack: push need not ask again. */
  readonly #absent = new Set<Digest>();

  constructor(reference: Reference, config: RegistryConfig) {
    const client = new HttpClient(config);
    this.#reference = reference;
    this.#transport = new Transport(client, config.retry);
    this.#endpoints = registryEndpoints(reference.domain, config, client);
  }

  /** `docker.io/library/nginx` */
  get name(): string {
    return repositoryName(this.#reference);
  }

  /** The manifest `ref` names, without fetching it where the registry allows. Throws `not_found`, `unavailable`. */
  async resolve(ref: string, options: CallOptions = {}): Promise<Descriptor> {
    return await this.#read(ref, options, async (endpoint, tries) =>
      headManifest(this.#send(endpoint, "pull", options, tries), this.#path, ref),
    );
  }

  async exists(desc: Descriptor, options: CallOptions = {}): Promise<boolean> {
    try {
      const there = await this.#has(desc, options);
      if (!there) this.#absent.add(desc.digest);
      return there;
    } catch (error) {
      throw pullError(this.#reference, desc.digest, error);
    }
  }

  async fetch(desc: Descriptor, options: CallOptions & { offset?: number } = {}): Promise<BlobReader> {
    return await this.#read(desc.digest, options, async (endpoint, tries) => {
      const send = this.#send(endpoint, "pull", options, tries);
      if (contentKind(desc) === "manifests") {
        const bytes = await fetchManifest(send, this.#path, desc);
        return bytesReader(bytes, options.offset ?? 0);
      }
      return await RemoteBlob.open({
        descriptor: desc,
        offset: options.offset ?? 0,
        retry: this.#transport.retryConfig,
        signal: options.signal,
        connections: endpoint.connections,
        open: async (at, end) => await send(rangeRequest(this.#path, desc, at, end)),
      });
    });
  }

  /** Content the registry has already is not sent again. */
  async push(desc: Descriptor, content: ByteStream, options: PushContentOptions = {}): Promise<void> {
    await this.#write(desc.digest, async () => {
      if (contentKind(desc) === "manifests") {
        const bytes = await verifiedBytes(desc, content, maxManifestBytes);
        await this.#putManifest(desc, desc.digest, bytes, options);
        this.#pushed = { digest: desc.digest, bytes };
      } else if (this.#absent.delete(desc.digest) || !(await this.#has(desc, options))) {
        await uploadBlob(this.#uploadOptions(options), desc, content, options.again);
      }
    });
  }

  async tag(desc: Descriptor, ref: string, options: CallOptions = {}): Promise<void> {
    await this.#write(ref, async () => {
      const known = this.#pushed?.digest === desc.digest ? this.#pushed.bytes : undefined;
      const send = this.#send(this.#registry, "pull", options);
      const bytes = known ?? (await fetchManifest(send, this.#path, desc));
      if (splitDigest(desc.digest).algorithm === "sha256") await this.#putManifest(desc, ref, bytes, options);
      else await this.#tagOther(desc, ref, bytes, options);
    });
  }

  /** `from` is a repository of the same registry: `library/debian`. */
  async mount(desc: Descriptor, from: string, options: CallOptions = {}): Promise<boolean> {
    return await this.#write(desc.digest, async () => {
      const upload = this.#uploadOptions(options);
      const scopes = [...upload.scopes, `repository:${from}:pull`];
      return await mountBlob({ ...upload, scopes }, desc, from);
    });
  }

  /** Bytes of a blob, by HEAD. Throws `not_found`. */
  async blobSize(digest: Digest, options: CallOptions = {}): Promise<number> {
    return await this.#read(digest, options, async (endpoint, tries) => {
      const send = this.#send(endpoint, "pull", options, tries);
      using answer = await send({ method: "HEAD", path: `${this.#path}/blobs/${digest}` });
      const size = answer.response.headers.get("content-length") ?? "";
      if (/^\d{1,15}$/.test(size)) return Number(size);
      throw new SlipwayError("unavailable", `${endpoint.host} does not say how long the blob is`);
    });
  }

  /** Every tag, in the registry's order. Throws `not_found` for a repository that is not there. */
  async tags(options: CallOptions = {}): Promise<string[]> {
    return await this.#read(undefined, options, async (endpoint, tries) =>
      listAll(this.#send(endpoint, "pull", options, tries), `${this.#path}/tags/list`, "tags"),
    );
  }

  /**
   * The manifests that refer to `subject` (distribution-spec, "Listing Referrers"), also from a registry that keeps
   * them under the fallback tag.
   */
  async referrers(
    subject: Digest,
    options: CallOptions & { artifactType?: string } = {},
  ): Promise<Descriptor[]> {
    const { artifactType } = options;
    const query = artifactType === undefined ? "" : `?artifactType=${encodeURIComponent(artifactType)}`;
    const found = await this.#read(undefined, options, async (endpoint, tries) => {
      const send = this.#send(endpoint, "pull", options, tries);
      const paths = [
        `${this.#path}/referrers/${subject}${query}`,
        `${this.#path}/manifests/${referrersTag(subject)}`,
      ];
      return await firstIndex(send, paths);
    });
    return artifactType === undefined ? found : found.filter((desc) => desc.artifactType === artifactType);
  }

  /**
   * Takes a tag or, by digest, a manifest from the registry; from a registry without the referrers API also its entry
   * under its subject's fallback tag. Throws `not_found`.
   */
  async delete(ref: string, options: CallOptions = {}): Promise<void> {
    await this.#write(ref, async () => {
      const subject = isDigest(ref) ? await this.#subjectOf(ref, options) : undefined;
      const send = this.#send(this.#registry, "delete", options);
      using _answer = await send({
        method: "DELETE",
        path: `${this.#path}/manifests/${ref}`,
        accept: [200, 202],
      });
      if (isDigest(ref) && subject !== undefined)
        await removeFromReferrersTag(
          this.#send(this.#registry, "pull,push", options),
          this.#path,
          ref,
          subject,
        );
    });
  }

  async #subjectOf(digest: Digest, options: CallOptions): Promise<Digest | undefined> {
    const send = this.#send(this.#registry, "pull", options);
    const desc = await headManifest(send, this.#path, digest);
    return subjectOf(await fetchManifest(send, this.#path, desc));
  }

  get #path(): string {
    return `v2/${this.#reference.path}`;
  }

  get #registry(): Endpoint {
    const endpoint = this.#endpoints.at(-1);
    if (endpoint === undefined) throw new SlipwayError("internal", "A repository without a registry");
    return endpoint;
  }

  async #has(desc: Descriptor, options: CallOptions): Promise<boolean> {
    const send = this.#send(this.#registry, "pull", options);
    try {
      using answer = await send({ method: "HEAD", ...contentRequest(this.#path, desc) });
      return answer.response.ok;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  async #putManifest(
    desc: Descriptor,
    ref: string,
    bytes: Uint8Array,
    options: CallOptions,
  ): Promise<Headers> {
    const send = this.#send(this.#registry, "pull,push", options);
    using answer = await send({
      method: "PUT",
      path: `${this.#path}/manifests/${ref}`,
      headers: { "content-type": desc.mediaType },
      body: bytes,
      accept: [200, 201],
    });
    const { headers } = answer.response;
    if (!headers.has("oci-subject")) await addToReferrersTag(send, this.#path, desc, bytes);
    const stored = headers.get("docker-content-digest");
    const { algorithm } = splitDigest(desc.digest);
    if (stored !== null && isDigest(stored) && stored !== desc.digest && stored.startsWith(`${algorithm}:`))
      throw new SlipwayError("data_loss", `${this.#registry.host} stored "${desc.digest}" as "${stored}"`);
    return headers;
  }

  /**
   * A tag alone would name the manifest's sha256 digest: registries that can are told the other one
   * (distribution-spec, "Pushing Manifests", `tag` parameter).
   */
  async #tagOther(desc: Descriptor, ref: string, bytes: Uint8Array, options: CallOptions): Promise<void> {
    const headers = await this.#putManifest(desc, `${desc.digest}?tag=${ref}`, bytes, options);
    const tagged = (headers.get("oci-tag") ?? "").split(",").some((tag) => tag.trim() === ref);
    if (!tagged) await this.#putManifest(desc, ref, bytes, options);
  }

  #uploadOptions(options: CallOptions): BlobUploadOptions {
    const scopes = [this.#scope("pull,push")];
    const repository = this.#reference.path;
    return {
      transport: this.#transport,
      endpoint: this.#registry,
      repository,
      scopes,
      signal: options.signal,
    };
  }

  #scope(actions: string): string {
    return `repository:${this.#reference.path}:${actions}`;
  }

  #send(endpoint: Endpoint, actions: string, options: CallOptions, tries?: number): Send {
    const scopes = [this.#scope(actions)];
    return (request) => this.#transport.send(endpoint, { scopes, signal: options.signal, ...request }, tries);
  }

  /** Tries each endpoint, mirrors once only; what the last one throws is the answer. */
  async #read<T>(
    ref: string | undefined,
    options: CallOptions,
    work: (endpoint: Endpoint, tries?: number) => Promise<T>,
  ): Promise<T> {
    for (const endpoint of this.#endpoints) {
      try {
        return await work(endpoint, endpoint.mirror ? 1 : undefined);
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!endpoint.mirror) throw pullError(this.#reference, ref, error);
      }
    }
    throw new SlipwayError("internal", "A repository without a registry");
  }

  async #write<T>(ref: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw pushError(this.#reference, ref, error);
    }
  }
}

function rangeRequest(
  repository: string,
  desc: Descriptor,
  offset: number,
  end?: number,
): Parameters<Send>[0] {
  const range = `bytes=${offset}-${end === undefined ? "" : end - 1}`;
  const headers = offset > 0 || end !== undefined ? { range } : {};
  return { method: "GET", path: contentRequest(repository, desc).path, headers, accept: [200, 206] };
}

import { errorCode } from "../../errors.ts";
import type { Access, AccessController } from "./access.ts";
import { BlobStore } from "./blob-store.ts";
import { ManifestStore } from "./manifest-store.ts";
import { defaultStallMs } from "./moving-body.ts";
import { isRepositoryName } from "./names.ts";
import type { RequestNotes } from "./operate/request-record.ts";
import { PullThrough } from "./proxy/pull-through.ts";
import type { FindUpstream } from "./proxy/upstream.ts";
import { errorResponse, RegistryError } from "./registry-error.ts";
import { deleteBlob, getBlob } from "./routes/blobs.ts";
import type { Route, Stores } from "./routes/context.ts";
import { listCatalog, listReferrers, listTags } from "./routes/listings.ts";
import { deleteManifest, getManifest, putManifest } from "./routes/manifests.ts";
import { appendUpload, cancelUpload, finishUpload, startUpload, uploadStatus } from "./routes/uploads.ts";
import { RepositoryRules, type RepositoryRule } from "./rules/repository-rules.ts";
import type { RegistryEvent } from "./rules/webhooks.ts";
import type { StorageDriver } from "./storage-driver.ts";
import { UploadStore } from "./upload-store.ts";

export interface RegistryOptions {
  readonly storage: StorageDriver;
  /** Who may do what. Default: everyone everything. */
  readonly access?: AccessController;
  /** Default 4 MiB, the least that the spec asks for. */
  readonly maxManifestBytes?: number;
  /** How long a client may send nothing in the middle of a body. Default a minute. */
  readonly stallMs?: number;
  /** Repositories that are filled from elsewhere, and how long a tag is taken for fresh. */
  readonly proxy?: { readonly upstream: FindUpstream; readonly tagMs: number };
  /** Immutable tags and quotas. */
  readonly rules?: readonly RepositoryRule[];
  /** Told of every push and delete of a manifest or tag, and every pull of a manifest. */
  onEvent?(event: RegistryEvent): void;
  /** Told of what failed inside, never of what was refused. */
  onError?(error: unknown): void;
}

/** Answers requests under `/v2/`, and notes what it learns. Holds nothing that a restart would lose. */
export type Registry = (request: Request, notes?: RequestNotes) => Promise<Response>;

const routes: readonly { readonly pattern: RegExp; readonly methods: Readonly<Record<string, Route>> }[] = [
  { pattern: /^(.+)\/tags\/list()$/, methods: { GET: listTags } },
  { pattern: /^(.+)\/blobs\/uploads()\/?$/, methods: { POST: startUpload } },
  {
    pattern: /^(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: { GET: uploadStatus, PATCH: appendUpload, PUT: finishUpload, DELETE: cancelUpload },
  },
  { pattern: /^(.+)\/blobs\/([^/]+)$/, methods: { GET: getBlob, HEAD: getBlob, DELETE: deleteBlob } },
  {
    pattern: /^(.+)\/manifests\/([^/]+)$/,
    methods: { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { pattern: /^(.+)\/referrers\/([^/]+)$/, methods: { GET: listReferrers } },
];

/** A registry of the OCI distribution spec 1.1 over `storage`, as a fetch-style handler. */
export function createRegistry(options: RegistryOptions): Registry {
  const { storage } = options;
  const blobs = new BlobStore(storage);
  const own = {
    storage,
    blobs,
    uploads: new UploadStore(storage, blobs),
    manifests: new ManifestStore(storage, blobs),
  };
  const onError = (error: unknown): void => options.onError?.(error);
  const stores: Stores = {
    ...own,
    proxy: options.proxy && new PullThrough({ ...own, ...options.proxy, onError }),
    rules: new RepositoryRules(options.rules ?? [], storage),
    tell: (event) => options.onEvent?.(event),
    maxManifestBytes: options.maxManifestBytes ?? 4 << 20,
    stallMs: options.stallMs ?? defaultStallMs,
  };
  return async (request, notes = {}) => {
    const response = await answer(stores, options, request, notes).catch((error: unknown) => {
      const refusal = toRegistryError(error);
      if (refusal.status >= 500) options.onError?.(error);
      return errorResponse(refusal);
    });
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    return response;
  };
}

async function answer(
  stores: Stores,
  options: RegistryOptions,
  request: Request,
  notes: RequestNotes,
): Promise<Response> {
  const access = options.access && noting(options.access, notes);
  const url = new URL(request.url);
  const path = decodePath(url.pathname);
  if (path === "/v2" || path === "/v2/") return await base(request, access);
  if (path === "/v2/_catalog") return await listCatalog(stores, access, only(request, "GET", "HEAD"), url);
  for (const { pattern, methods } of path.startsWith("/v2/") ? routes : []) {
    const match = pattern.exec(path.slice(4));
    if (match === null) continue;
    const [, repository = "", reference = ""] = match;
    if (!isRepositoryName(repository))
      throw new RegistryError("NAME_INVALID", { detail: { name: repository } });
    // Listings have no HEAD of their own; the server sends no body for one.
    const route = methods[request.method] ?? (request.method === "HEAD" ? methods["GET"] : undefined);
    if (route === undefined) throw unsupported(Object.keys(methods));
    const authorize = async (wanted: readonly Access[]): Promise<string | undefined> =>
      await access?.authorize(request, wanted);
    return await route({
      ...stores,
      request,
      url,
      repository,
      reference,
      open: options.access === undefined || options.access.sharesAll === true,
      authorize,
    });
  }
  throw new RegistryError("UNSUPPORTED", { status: 404, message: "no such endpoint" });
}

/** The same controller; who was let in is noted. */
function noting(access: AccessController, notes: RequestNotes): AccessController {
  return {
    authorize: async (request, wanted) => (notes.account = await access.authorize(request, wanted)),
  };
}

async function base(request: Request, access: AccessController | undefined): Promise<Response> {
  await access?.authorize(request, []);
  only(request, "GET", "HEAD");
  const headers = { "content-type": "application/json", "content-length": "2" };
  return new Response(request.method === "HEAD" ? null : "{}", { headers });
}

function only(request: Request, ...methods: string[]): Request {
  if (!methods.includes(request.method)) throw unsupported(methods);
  return request;
}

function unsupported(methods: readonly string[]): RegistryError {
  return new RegistryError("UNSUPPORTED", { headers: { allow: methods.join(", ") } });
}

/** Clients may escape the colon of a digest. What comes out is checked part by part. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RegistryError("NAME_INVALID", { detail: { path } });
  }
}

function toRegistryError(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  if (errorCode(error) === "resource_exhausted")
    return new RegistryError("UNAVAILABLE", {
      status: 507,
      message: "no space left on the registry",
      cause: error,
    });
  // The client went away in the middle of its body: nobody reads this answer.
  if (errorCode(error) === "cancelled") return new RegistryError("BLOB_UPLOAD_INVALID", { cause: error });
  return new RegistryError("UNKNOWN", { cause: error });
}

import type { Access, Action } from "../access.ts";
import type { BlobStore } from "../blob-store.ts";
import type { ManifestStore } from "../manifest-store.ts";
import type { PullThrough } from "../proxy/pull-through.ts";
import type { RepositoryRules } from "../rules/repository-rules.ts";
import type { RegistryEvent } from "../rules/webhooks.ts";
import type { StorageDriver } from "../storage-driver.ts";
import type { UploadStore } from "../upload-store.ts";

/** What every route works with. */
export interface Stores {
  readonly storage: StorageDriver;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly manifests: ManifestStore;
  /** Fills repositories from upstreams. */
  readonly proxy: PullThrough | undefined;
  readonly rules: RepositoryRules;
  /** Told of what happened. */
  tell(event: RegistryEvent): void;
  /** How long a client may send nothing in the middle of a body. */
  readonly stallMs: number;
  /** Largest manifest taken, bytes. */
  readonly maxManifestBytes: number;
}

/** One request to one repository. */
export interface RouteContext extends Stores {
  readonly request: Request;
  readonly url: URL;
  /** A valid repository name. */
  readonly repository: string;
  /** The last part of the path: tag, digest or session ID; not yet checked. */
  readonly reference: string;
  /** Nobody is kept from anything. */
  readonly open: boolean;
  /** Throws as an `AccessController` does. */
  authorize(access: readonly Access[]): Promise<string | undefined>;
}

export type Route = (context: RouteContext) => Promise<Response>;

/** The right to do `actions` in `repository`. */
export function repositoryAccess(repository: string, ...actions: Action[]): Access {
  return { type: "repository", name: repository, actions };
}

/** How a cache mount is shared between builds that run at the same time. */
export type CacheSharing = "shared" | "private" | "locked";

interface MountCommon {
  /** Where it appears in the step; undefined for a secret given by `env` alone and for an ssh agent. */
  readonly target?: string;
}

/** A directory of the build context (`from` undefined), of a stage, or of an image. */
export interface BindMountSpec extends MountCommon {
  readonly type: "bind";
  readonly target: string;
  readonly source?: string;
  readonly from?: string;
  readonly readWrite: boolean;
}

/** A directory that stays on the machine from build to build. */
export interface CacheMountSpec extends MountCommon {
  readonly type: "cache";
  readonly target: string;
  /** Names the cache; defaults to `target`. */
  readonly id?: string;
  readonly sharing: CacheSharing;
  /** What an empty cache starts as. */
  readonly source?: string;
  readonly from?: string;
  readonly readOnly: boolean;
  readonly uid?: number;
  readonly gid?: number;
  /** permission bits */
  readonly mode?: number;
}

export interface TmpfsMountSpec extends MountCommon {
  readonly type: "tmpfs";
  readonly target: string;
  /** bytes; undefined: no limit of its own */
  readonly size?: number;
}

/** A secret of the build, as a file at `target` (default `/run/secrets/<id>`), as the variable `env`, or both. */
export interface SecretMountSpec extends MountCommon {
  readonly type: "secret";
  readonly id?: string;
  readonly env?: string;
  readonly required: boolean;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

export interface SshMountSpec extends MountCommon {
  readonly type: "ssh";
  readonly id?: string;
  readonly required: boolean;
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

/** One `RUN --mount=…` (Dockerfile reference, "RUN --mount"). */
export type MountSpec = BindMountSpec | CacheMountSpec | TmpfsMountSpec | SecretMountSpec | SshMountSpec;

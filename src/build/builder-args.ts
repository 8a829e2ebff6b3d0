/** Build arguments that are the builder's own, declared or not (Dockerfile reference, "BuildKit built-in build args"). */
export interface BuilderArgs {
  /** `BUILDKIT_CONTEXT_KEEP_GIT_DIR`: a context that is a git repository keeps its `.git`. */
  readonly keepsGitDir: boolean;
  /** `BUILDKIT_INLINE_CACHE`: as `--cache-to type=inline`. */
  readonly inlineCache: boolean;
  /** `BUILDKIT_MULTI_PLATFORM`: an index also for a single platform. */
  readonly isIndex: boolean;
  /** `BUILDKIT_SANDBOX_HOSTNAME`: what steps are called. */
  readonly hostname: string | undefined;
  /** `BUILDKIT_CACHE_MOUNT_NS`: cache mounts of one name in two namespaces are two. */
  readonly cacheNamespace: string | undefined;
}

/** Pure. */
export function builderArgs(buildArgs: Readonly<Record<string, string>> = {}): BuilderArgs {
  const isOn = (name: string): boolean => /^(1|t|true)$/i.test(buildArgs[name] ?? "");
  return {
    keepsGitDir: isOn("BUILDKIT_CONTEXT_KEEP_GIT_DIR"),
    inlineCache: isOn("BUILDKIT_INLINE_CACHE"),
    isIndex: isOn("BUILDKIT_MULTI_PLATFORM"),
    hostname: buildArgs["BUILDKIT_SANDBOX_HOSTNAME"] || undefined,
    cacheNamespace: buildArgs["BUILDKIT_CACHE_MOUNT_NS"] || undefined,
  };
}

/** One Dockerfile with its context. */
export interface CorpusCase {
  readonly name: string;
  readonly dockerfile: string;
  /** By path: the text, or what else it is. */
  readonly files?: Readonly<
    Record<string, string | { readonly text?: string; readonly mode?: number; readonly link?: string }>
  >;
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** Why another builder is not asked, by its name. */
  readonly skip?: { readonly buildah?: string; readonly buildkit?: string };
  /** What another builder is known to do otherwise: paths, and members of the configuration. */
  readonly differs?: {
    readonly [builder in "buildah" | "buildkit"]?: { readonly why: string; readonly in: readonly string[] };
  };
}

/** Docker 20.10 has the Dockerfile language 1.2 inside, Buildah 1.28 about as much. */
export const newer = { buildah: "language newer than 1.2", buildkit: "language newer than 1.2" };

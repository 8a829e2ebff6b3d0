/** A node of the recorded syntax tree. */
export interface GoldenNode {
  readonly value: string;
  readonly original: string;
  readonly start: number;
  readonly end: number;
  readonly args?: readonly string[];
  readonly flags?: readonly string[];
  readonly prevComment?: readonly string[];
  readonly attributes?: { readonly json?: boolean };
  readonly child?: GoldenNode;
  readonly heredocs?: readonly object[];
}

/** Who owns what a copy makes. */
export interface GoldenOwner {
  readonly User: { readonly byId?: number; readonly byName?: { readonly name: string } };
}

export interface GoldenMount {
  readonly type: string;
  readonly dest?: string;
  readonly readonly?: boolean;
  readonly cacheId?: string;
  readonly sharing?: string;
  readonly tmpfsSize?: number;
  readonly selector?: string;
  readonly secret?: Readonly<Record<string, unknown>>;
}

/** One operation of the recorded build graph. */
export interface GoldenOp {
  readonly source?: string;
  readonly exec?: {
    readonly args: readonly string[];
    readonly cwd: string;
    readonly env: readonly string[];
    readonly user: string;
    readonly network: string;
    readonly mounts?: readonly GoldenMount[];
  };
  readonly file?: readonly {
    readonly mkdir?: { readonly path: string; readonly parents: boolean };
    readonly mkfile?: { readonly path: string; readonly data: string; readonly mode: number };
    readonly copy?: {
      readonly src: string;
      readonly dest: string;
      readonly mode: number;
      readonly modeStr: string;
      readonly unpack: boolean;
      readonly exclude: readonly string[] | null;
      readonly include: readonly string[] | null;
      readonly owner?: { readonly user?: GoldenOwner; readonly group?: GoldenOwner };
    };
  }[];
}

/** One line of dockerfiles.jsonl. */
export interface DockerfileRow {
  readonly id: string;
  readonly dockerfile: string;
  readonly escape?: string;
  readonly ast?: readonly GoldenNode[];
  readonly dump?: string;
  readonly parseError?: string;
  readonly instructionsError?: string;
  readonly buildError?: string;
  readonly opsError?: string;
  readonly parseWarnings?: readonly unknown[];
  readonly image?: object;
  readonly lint?: readonly { readonly rule: string; readonly line: number; readonly detail: string }[];
  readonly ops?: readonly GoldenOp[] | null;
}

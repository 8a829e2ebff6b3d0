import type { DockerfileError } from "../dockerfile/dockerfile-error.ts";
import type { SourceLocation } from "../dockerfile/source-location.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { HistoryEntry, ImageConfig } from "../oci/image-config.ts";
import type { Platform } from "../oci/platform.ts";
import { digestOf } from "../oci/digest.ts";

/** The filesystem of an image, as a stage's base or as a source to copy from. */
export interface ImageOp {
  readonly kind: "image";
  /** canonical reference */
  readonly reference: string;
  /** Config digest of what the reference resolved to. */
  readonly imageID: Digest;
  /** Its manifest, in the store. */
  readonly manifest: Descriptor;
  readonly diffIDs: readonly string[];
}

/** Where a step finds files: the build context or a named one, an input of its vertex, or text in the Dockerfile. */
export type FileSource =
  | { readonly from: "context"; readonly name?: string }
  | { readonly from: "input"; readonly input: number }
  | { readonly from: "inline"; readonly files: readonly InlineFile[] }
  | { readonly from: "nothing" };

export interface InlineFile {
  readonly name: string;
  readonly content: string;
  /** permission bits, 0644 when absent */
  readonly mode?: number;
}

/** COPY and ADD. One source after the other lands in `destination`. */
export interface CopyOp {
  readonly kind: "copy";
  /** Index of the input the files go on top of; undefined: an empty filesystem. */
  readonly base?: number;
  readonly files: FileSource;
  /** Paths or patterns, absolute in their source; with `keepsParents` as written, for a pivot may be in them. */
  readonly sources: readonly string[];
  /** The directories of the paths are made in the destination, too (`--parents`). */
  readonly keepsParents?: boolean;
  /** Files written in the Dockerfile itself. */
  readonly inline: readonly InlineFile[];
  /** Absolute; a trailing slash says that it is a directory. */
  readonly destination: string;
  /** `user[:group]`, names or numbers. */
  readonly chown?: string;
  /** Octal or symbolic. */
  readonly chmod?: string;
  readonly excludes: readonly string[];
  /** As if copied to an empty filesystem: links of the one below are not followed (`--link`). */
  readonly link?: boolean;
  /** Local archives are unpacked (ADD). */
  readonly unpack: boolean;
  /** Files that inputs hold at their root, fetched for this (ADD); an empty name is all an input holds. */
  readonly downloads?: readonly { readonly input: number; readonly name: string; readonly unpack: boolean }[];
}

/** One file from the web, at the root of an empty filesystem (ADD). */
export interface DownloadOp {
  readonly kind: "download";
  /** `http:` or `https:` */
  readonly url: string;
  /** What the file is called. */
  readonly name: string;
  /** `sha256:…`: what it must be. */
  readonly checksum?: string;
}

/** The files of a git repository, in an empty filesystem (ADD). */
export interface GitOp {
  readonly kind: "git";
  /** As written; may hold a password. */
  readonly url: string;
  readonly keepGitDir: boolean;
  /** The commit it must be, or a beginning of it. */
  readonly checksum?: string;
}

/** WORKDIR makes its directory. */
export interface MkdirOp {
  readonly kind: "mkdir";
  readonly base?: number;
  readonly path: string;
  /** Whose it is when it is made; absent: root's. */
  readonly user?: string;
}

/** One mount of a RUN step. */
export type ExecMount =
  | {
      readonly type: "bind";
      readonly target: string;
      readonly files: FileSource;
      readonly path: string;
      readonly readWrite: boolean;
    }
  | {
      readonly type: "cache";
      readonly target: string;
      readonly id: string;
      readonly sharing: "shared" | "private" | "locked";
      readonly readOnly: boolean;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
      /** What an empty cache starts as: a path of a stage or an image, which then says owner and mode as well. */
      readonly start?: { readonly files: FileSource; readonly path: string };
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly size?: number }
  | {
      readonly type: "secret";
      readonly target?: string;
      readonly id: string;
      readonly env?: string;
      readonly required: boolean;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
    }
  | {
      readonly type: "ssh";
      readonly target: string;
      readonly id: string;
      readonly required: boolean;
      readonly uid: number;
      readonly gid: number;
      readonly mode: number;
    };

/** RUN. */
export interface ExecOp {
  readonly kind: "exec";
  readonly base?: number;
  readonly args: readonly string[];
  /** `KEY=value`, build arguments included. */
  readonly env: readonly string[];
  /** The names in `env` that build arguments gave. */
  readonly argNames: readonly string[];
  readonly cwd: string;
  /** As written: name or number, `user[:group]`; empty: root. */
  readonly user: string;
  readonly network: "default" | "none" | "host";
  readonly mounts: readonly ExecMount[];
  /** As `--privileged` for a container. */
  readonly isPrivileged?: boolean;
  /** What its programs are made for, when this machine is something else. */
  readonly platform?: Platform;
}

/** What a process of the stage gets, at the place of a step. */
export interface StepProcess {
  /** `KEY=value` of the image so far; build arguments are not among them. */
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
}

export type Op = ImageOp | CopyOp | DownloadOp | MkdirOp | ExecOp | GitOp;

/** One node of the build graph. Two vertices of one digest are the same work. */
export interface Vertex<O extends Op = Op> {
  readonly digest: Digest;
  readonly op: O;
  readonly inputs: readonly Vertex[];
  /** `[build 2/6] RUN npm install` */
  readonly name: string;
  readonly stage?: string;
  /** Line of the Dockerfile the instruction starts at. */
  readonly line?: number;
  /** The name of that Dockerfile, when it is not `Dockerfile`. */
  readonly file?: string;
  /** The instruction as written: tells a later build which step this was. */
  readonly text: string;
  /** Where the step stands: stage and number. */
  readonly place: string;
  /** What a process would get here; absent for what no instruction of a stage makes. */
  readonly process?: StepProcess;
}

/** `Dockerfile:3`: where the step is asked for; undefined for one no line asks for. */
export function placeInFile({ file, line }: Vertex): string | undefined {
  return line === undefined ? undefined : `${file ?? "Dockerfile"}:${line}`;
}

/** Digest of a vertex: its operation and what it stands on. Names and lines do not count. */
export function vertexDigest(op: Op, inputs: readonly Vertex[]): Digest {
  return digestOf(JSON.stringify([op, inputs.map((input) => input.digest)]));
}

/** An image a plan needs to know before it can be made. */
export interface ImageNeed {
  /** canonical reference */
  readonly reference: string;
  readonly platform: Platform;
  /** As the Dockerfile names it, and where; absent in what only compares. */
  readonly written?: { readonly name: string; readonly location: SourceLocation };
}

/** What a plan knows of an image: enough to build on it. */
export interface KnownImage {
  readonly id: Digest;
  /** In the store, of the platform asked for. */
  readonly manifest: Descriptor;
  readonly config: ImageConfig;
  /** What the registry calls it, when it is known: shown beside the name. */
  readonly digest?: Digest | undefined;
}

/** One instruction that the target needs, or a label that the build was asked for. */
export interface PlannedInstruction {
  /** As written; lines joined. */
  readonly text: string;
  /** What carries it out, in order: nothing for what changes the config alone. A FROM has its triggers' vertices. */
  readonly vertices: readonly Vertex[];
  /** How many ONBUILD triggers a FROM brought. */
  readonly triggers: number;
}

/** A whole build: what to make and how the image describes itself. */
export interface BuildPlan {
  /** Undefined for a stage without any layer. */
  readonly target: Vertex | undefined;
  /** Every vertex, inputs before users, in the order of the Dockerfile. */
  readonly vertices: readonly Vertex[];
  /** `rootfs` holds the base's layers only; the export adds the new ones. */
  readonly config: ImageConfig;
  /** Beside each history entry of the target that has a new layer: the vertex that makes it. */
  readonly layerVertices: readonly (Vertex | undefined)[];
  readonly history: readonly HistoryEntry[];
  readonly warnings: readonly { readonly text: string; readonly line?: number }[];
  /** In the order of the Dockerfile. */
  readonly instructions: readonly PlannedInstruction[];
  /** Build arguments that no ARG asked for. */
  readonly unusedArgs: readonly string[];
  /** What is wrong in a step although the image is known: nothing may be run. */
  readonly failure?: DockerfileError | undefined;
  /** What the builder cannot carry out, by place: nothing may be run when there is any. */
  readonly unsupported: readonly string[];
}

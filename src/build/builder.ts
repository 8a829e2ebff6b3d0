import type { ByteStream } from "../oci/call-options.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { AttestationRequest } from "./attest/attestation-request.ts";
import type { BuildAnswer, BuildCall } from "./calls/build-answer.ts";
import type { ResourceInput, UlimitInput } from "../runtime/spec/spec-input.ts";
import type { CacheSource, CacheTarget } from "./transfer/cache-places.ts";

/** Where a build's files come from. A `directory` is on the engine's own machine and is read in place. */
export type BuildContext =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "tar"; readonly stream: ByteStream }
  /** A git repository, a tar on the web, or a Dockerfile there. */
  | { readonly kind: "remote"; readonly url: string }
  | { readonly kind: "empty" };

/** What a name in FROM and `--from` stands for instead of a stage or an image (`--build-context`). */
export type NamedContext =
  | Extract<BuildContext, { kind: "directory" | "remote" }>
  | { readonly kind: "image"; readonly reference: string };

/** Rights over the machine that no step has of itself. */
export type Entitlement = "network.host" | "security.insecure";

export interface BuildRequest {
  /** Instead of an image: the one event of the build is an `answer`. */
  readonly call?: BuildCall | undefined;
  /** References that a dry run tells what a push to them would send. */
  readonly pushTo?: readonly string[];
  readonly context: BuildContext;
  /** Path within the context, or the text itself. Default: `Dockerfile`. */
  readonly dockerfile?: { readonly path: string } | { readonly text: string } | undefined;
  /** References the image gets, canonical or short. */
  readonly tags?: readonly string[];
  readonly target?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the image's manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the index; the result is one then, also for a single platform. */
  readonly indexAnnotations?: Readonly<Record<string, string>>;
  /** Of each image's entry in the index; the result is one then. */
  readonly descriptorAnnotations?: Readonly<Record<string, string>>;
  readonly noCache?: boolean;
  /** Stages by name whose steps are carried out anew. */
  readonly noCacheFilter?: readonly string[];
  /** Always ask the registry for newer bases. */
  readonly pull?: boolean;
  /** What it is for; default: this machine. Several make an index. */
  readonly platforms?: readonly Platform[];
  /** Each of several platforms gets a record, so that it can be used by its ID. */
  readonly keepsEach?: boolean;
  /** Of the layers, at once. Default: when somebody pushes the image, or gzip for one that is attested. */
  readonly compression?: "gzip" | "zstd" | "uncompressed" | undefined;
  /** Statements about the images; the result is an index then. */
  readonly attestations?: AttestationRequest | undefined;
  /** When a step's process fails, the build waits for a shell in it: see the event `debug`. */
  readonly debugShell?: { readonly tty: boolean } | undefined;
  /** The layers this build makes become one on top of the base's. */
  readonly squash?: boolean;
  readonly network?: "default" | "none" | "host";
  /** What steps may ask for with `RUN --network=host` and `RUN --security=insecure`. */
  readonly allow?: readonly Entitlement[];
  readonly extraHosts?: readonly string[];
  /** bytes */
  readonly shmSize?: number;
  /** By name, in lower case. */
  readonly buildContexts?: Readonly<Record<string, NamedContext>>;
  /**
   * Seconds since the epoch: nothing in the image is later, so that the same sources give the same digest. Default: the
   * build argument SOURCE_DATE_EPOCH.
   */
  readonly sourceDateEpoch?: number;
  /** Contents in base64, by id: for `RUN --mount=type=secret`. They are kept nowhere. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Sockets of SSH agents on the engine's machine, by id: for `RUN --mount=type=ssh`. */
  readonly ssh?: Readonly<Record<string, string>>;
  /** Asked in their order for results that are not here. One that cannot be read is a warning. */
  readonly cacheFrom?: readonly CacheSource[];
  readonly cacheTo?: readonly CacheTarget[];
  /** What each step may use. Does not count for the cache. */
  readonly resources?: Omit<ResourceInput, "oomKillDisable">;
  readonly ulimits?: readonly UlimitInput[];
  /** Mount the host's CA bundle for the steps' processes; no trace stays in the image. */
  readonly hostCA?: boolean;
}

/** What happens while a build runs. Vertices are named by their digest; a name is `[2/6] RUN npm install`. */
export type BuildEvent =
  | {
      readonly type: "vertex";
      readonly id: string;
      readonly name: string;
      readonly stage?: string;
      readonly line?: number;
      /** The vertices it waits for. */
      readonly inputs?: readonly string[];
    }
  | { readonly type: "started"; readonly id: string; readonly at: number }
  | { readonly type: "log"; readonly id: string; readonly stream: "stdout" | "stderr"; readonly data: string }
  | {
      readonly type: "progress";
      readonly id: string;
      readonly text: string;
      readonly current?: number;
      readonly total?: number;
    }
  | {
      readonly type: "completed";
      readonly id: string;
      readonly at: number;
      readonly cached: boolean;
      readonly error?: string;
      /** Why it was no hit, by name: `src/server.js changed (content)`. */
      readonly causes?: readonly string[];
    }
  | { readonly type: "warning"; readonly text: string; readonly line?: number }
  /** What the target needs of the Dockerfile, in its order. Told again when more is known of it: the last time counts. */
  | {
      readonly type: "instructions";
      /** False before the bases are known: no instruction has its vertices then. */
      readonly isWhole: boolean;
      readonly instructions: readonly BuildInstruction[];
      /** Build arguments that no ARG asked for. */
      readonly unusedArgs: readonly string[];
    }
  /**
   * A step failed and waits in this container, which the receiver attaches to and starts; it is removed at its end, and
   * then the build fails with the error.
   */
  | { readonly type: "debug"; readonly id: string; readonly container: string; readonly error: string }
  | ({ readonly type: "answer" } & BuildAnswer)
  /** `descriptor`: of its manifest, or of the index. `images`: the image of each platform. */
  | {
      readonly type: "image";
      readonly id: Digest;
      readonly descriptor?: Descriptor;
      readonly images?: readonly BuiltImage[];
    };

/** One instruction, also one that changes nothing but the image's configuration. */
export interface BuildInstruction {
  /** As written; lines joined. */
  readonly text: string;
  /** The vertices that carry it out. */
  readonly ids: readonly string[];
  /** The image that a FROM begins with. */
  readonly base?: Digest;
  /** How many ONBUILD triggers a FROM brought. */
  readonly triggers?: number;
}

/** A name below this is for the while only: no record of a build shows it. */
export const passingNames = "slipway.invalid/";

/** The image of one platform. */
export interface BuiltImage {
  /** `linux/arm64` */
  readonly platform: string;
  readonly id: Digest;
  /** It was not in the store before. */
  readonly isNew: boolean;
}

export interface BuildResult {
  readonly imageID: Digest;
  readonly warnings: readonly string[];
}

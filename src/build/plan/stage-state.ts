import type { HistoryEntry, ImageConfig } from "../../oci/image-config.ts";
import type { ImageRunConfig } from "../../oci/image-config.ts";
import type { Platform } from "../../oci/platform.ts";
import { vertexDigest, type Op, type Vertex } from "../vertex.ts";
import { parseEnv } from "./env.ts";

/** The PATH of images that set none. */
export const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One ARG a stage declared, in order. */
export interface DeclaredArg {
  readonly key: string;
  readonly value: string | undefined;
}

/** A stage while its instructions are gone through: what the next one builds on. */
export class StageState {
  /** Last vertex; undefined while nothing was put on an empty filesystem. */
  vertex: Vertex | undefined;
  /** What a RUN gets: the image's variables and the stage's build arguments. */
  env: Map<string, string>;
  args: DeclaredArg[];
  /** The image's own variables. */
  imageEnv: Map<string, string>;
  config: Mutable<ImageRunConfig>;
  history: HistoryEntry[];
  layerVertices: (Vertex | undefined)[];
  author: string | undefined;
  readonly base: ImageConfig;
  readonly platform: Platform;
  /** The stage's own CMD was seen, so that an ENTRYPOINT does not drop it. */
  cmdSet = false;

  private constructor(base: ImageConfig, platform: Platform, vertex: Vertex | undefined) {
    this.base = base;
    this.platform = platform;
    this.vertex = vertex;
    this.config = { ...base.config };
    this.imageEnv = parseEnv(base.config?.Env ?? []);
    this.env = new Map(this.imageEnv);
    this.args = [];
    this.history = [...(base.history ?? [])];
    this.layerVertices = this.history.map(() => undefined);
    this.author = base.author;
  }

  static scratch(platform: Platform): StageState {
    const config: ImageConfig = {
      architecture: platform.architecture,
      os: platform.os,
      ...(platform.variant !== undefined && { variant: platform.variant }),
      config: { WorkingDir: "/" },
      rootfs: { type: "layers", diff_ids: [] },
    };
    return new StageState(config, platform, undefined).withPath();
  }

  /** What a stage begins with has a PATH, as in BuildKit; on Windows the system has its own. */
  withPath(): this {
    if (this.base.os === "windows" || this.imageEnv.has("PATH")) return this;
    this.imageEnv.set("PATH", defaultPath);
    this.env.set("PATH", defaultPath);
    return this;
  }

  static image(config: ImageConfig, platform: Platform, vertex: Vertex | undefined): StageState {
    return new StageState(config, platform, vertex);
  }

  /** A stage that goes on where this one ended. */
  fork(): StageState {
    const next = new StageState(this.base, this.platform, this.vertex);
    // The image's variables are set anew, as in BuildKit: over an ARG of the same name, and after all ARGs.
    next.env = new Map(this.env);
    for (const [key, value] of this.imageEnv) next.setEnv(key, value);
    next.imageEnv = new Map(this.imageEnv);
    next.args = [...this.args];
    next.config = { ...this.config };
    next.history = [...this.history];
    next.layerVertices = [...this.layerVertices];
    next.author = this.author;
    return next;
  }

  /** A variable for processes; one that is set again comes last, as in BuildKit. */
  setEnv(key: string, value: string): void {
    this.env.delete(key);
    this.env.set(key, value);
  }

  get cwd(): string {
    const { WorkingDir } = this.config;
    return WorkingDir === undefined || WorkingDir === "" ? "/" : WorkingDir;
  }

  get shell(): readonly string[] {
    const { Shell = [] } = this.config;
    if (Shell.length > 0) return Shell;
    return this.base.os === "windows" ? ["cmd", "/S", "/C"] : ["/bin/sh", "-c"];
  }

  /** The image as it stands, with the layers of its base. */
  imageConfig(): ImageConfig {
    const { config: _config, history: _history, author: _author, created: _created, ...rest } = this.base;
    const { Cmd, Entrypoint, ...config } = this.config;
    return {
      ...(this.author !== undefined && { author: this.author }),
      ...rest,
      config: {
        ...config,
        ...(Cmd != null && Cmd.length > 0 && { Cmd }),
        ...(Entrypoint != null && Entrypoint.length > 0 && { Entrypoint }),
        Env: [...this.imageEnv].map(([key, value]) => `${key}=${value}`),
      },
    };
  }
}

/** A vertex of `op`, whose first input, when there is one, is what it stands on. */
export function makeVertex<O extends Op>(
  op: O,
  inputs: readonly Vertex[],
  about: Omit<Vertex, "digest" | "op" | "inputs">,
): Vertex<O> {
  return { digest: vertexDigest(op, inputs), op, inputs, ...about };
}

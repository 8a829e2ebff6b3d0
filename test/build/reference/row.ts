import type { BuildRequest } from "../../../src/build/builder.ts";
import type { ImageRunConfig } from "../../../src/oci/image-config.ts";

/** A sentence of the Dockerfile reference, and a build that shows it true. */
export interface Row {
  /** What the reference promises. */
  readonly promise: string;
  readonly lines: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Changes to the context that files cannot say. */
  readonly prepare?: (directory: string) => void;
  readonly more?: Partial<BuildRequest>;
  /** All that steps print. */
  readonly prints?: string | RegExp;
  readonly config?: Partial<ImageRunConfig>;
  readonly author?: string;
  readonly fails?: RegExp;
  /** Looks at the context afterwards. */
  readonly after?: (directory: string) => void;
}

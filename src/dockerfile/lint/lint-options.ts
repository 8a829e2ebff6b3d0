/** What a rule must know of the image a stage begins with. */
export interface BaseImage {
  /** `KEY=value`, as in its config. */
  readonly env: readonly string[];
  /** The shell its config sets. */
  readonly shell?: readonly string[] | undefined;
  /** What it is made for: `linux/amd64`. */
  readonly platform?: string | undefined;
  /** What the stage asked for. */
  readonly wantedPlatform?: string | undefined;
}

/** What a build knows that the text does not say. */
export interface LintOptions {
  /** Index of the stage to build: stages it does not need are looked at less closely. Absent: all of them matter. */
  readonly target?: number;
  /** `BUILDKIT_DOCKERFILE_CHECK` among them stands in for the file's `# check=` line. */
  readonly buildArgs?: Readonly<Record<string, string>>;
  /** TARGETPLATFORM and the other arguments a FROM may use undeclared, with their values. */
  readonly predefinedArgs: ReadonlyMap<string, string>;
  /** Base images by index of the stage. Of a stage whose base is missing here, undefined variables are not told. */
  readonly bases?: ReadonlyMap<number, BaseImage>;
  /** What .dockerignore leaves out. */
  readonly ignore?:
    | {
        readonly hasExceptions: boolean;
        ignores(path: string): boolean;
        /** Nothing at or below the directory is taken back in. */
        skipsDirectory(path: string): boolean;
      }
    | undefined;
  /** Whether the text can name an image. */
  readonly isImageName: (text: string) => boolean;
  /** A platform's parts; undefined when the text is none. */
  readonly parsePlatform: (
    text: string,
  ) => { readonly os: string; readonly architecture: string } | undefined;
}

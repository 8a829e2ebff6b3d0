/** Engine API `Mount`, as `--mount` and the API give it. */
export interface MountSpec {
  Type: "bind" | "volume" | "tmpfs" | "image";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    /** Mounts below a read-only source stay writable. */
    ReadOnlyNonRecursive?: boolean;
    /** Mounts below become read-only as well, or the container does not start. */
    ReadOnlyForceRecursive?: boolean;
    CreateMountpoint?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
  ImageOptions?: { Subpath?: string };
}

/** One mount a container asks for, whichever way it was written. */
export interface MountRequest {
  readonly type: MountSpec["Type"];
  /** Path on the host, volume name (empty: anonymous) or image; empty for tmpfs. */
  readonly source: string;
  /** Absolute path in the container, clean. */
  readonly target: string;
  readonly readOnly: boolean;
  /** What stood behind the second colon of `-v`; `inspect` shows it. */
  readonly mode: string;
  /** Of binds; empty: `rprivate`, as nothing else was asked for. */
  readonly propagation: string;
  /** A missing source directory is made, as for `-v`. */
  readonly createSource: boolean;
  /** Mounts below the source are left out. */
  readonly nonRecursive: boolean;
  /** Of a read-only bind, mounts below the source stay as they are. Absent in records of before: not asked for. */
  readonly writableBelow?: boolean;
  /** They become read-only as well, or nothing is mounted. */
  readonly readOnlyBelow?: boolean;
  /** An empty volume is not filled with what the image has at the target. */
  readonly noCopy: boolean;
  /** Directory of the volume or image to mount instead of its root. */
  readonly subpath: string;
  readonly volume: {
    readonly driver: string;
    readonly options: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
  };
  /** Sizes in bytes; undefined: the kernel's default. */
  readonly tmpfs: { readonly size: number | undefined; readonly mode: number | undefined };
}

/** A request with everything but what is given at its default. */
export function mountRequest(
  given: Partial<MountRequest> & Pick<MountRequest, "type" | "target">,
): MountRequest {
  return {
    source: "",
    readOnly: false,
    mode: "",
    propagation: "",
    createSource: false,
    nonRecursive: false,
    noCopy: false,
    subpath: "",
    volume: { driver: "", options: {}, labels: {} },
    tmpfs: { size: undefined, mode: undefined },
    ...given,
  };
}

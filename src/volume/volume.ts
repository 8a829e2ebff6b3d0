/** A local volume as it is recorded. Its data lie in `<root>/volumes/<name>/_data`. */
export interface Volume {
  readonly name: string;
  readonly driver: "local";
  readonly labels: Readonly<Record<string, string>>;
  /** `type`, `device` and `o` as mount(8) takes them; empty: a plain directory. */
  readonly options: Readonly<Record<string, string>>;
  /** RFC 3339 */
  readonly createdAt: string;
  /** Being made, for a container that has no record yet too, or being removed: the next engine would remove it. */
  readonly pending?: boolean;
}

export interface VolumeConfig {
  /** Empty or absent: a random name, and the volume counts as anonymous. */
  readonly name?: string | undefined;
  readonly driver?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** It goes with an engine that is killed before `settle()`. */
  readonly pending?: boolean | undefined;
}

/** The label Docker gives a volume that nobody named. */
export const anonymousLabel = "com.docker.volume.anonymous";

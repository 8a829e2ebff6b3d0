/** Engine API `SystemVersion`. */
export interface SystemVersion {
  Platform: { Name: string };
  Components: { Name: string; Version: string; Details?: Record<string, string> }[];
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  GitCommit: string;
  GoVersion: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
  BuildTime: string;
}

/** Engine API `SystemInfo`: the fields we fill; the API layer adds the document's zero values. */
export interface SystemInfo {
  ID: string;
  Name: string;
  ServerVersion: string;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  Driver: string;
  DriverStatus: [string, string][];
  DockerRootDir: string;
  CgroupDriver: string;
  CgroupVersion: "1" | "2";
  KernelVersion: string;
  OperatingSystem: string;
  OSType: string;
  OSVersion: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  DefaultRuntime: string;
  Runtimes: Record<string, { path: string }>;
  SecurityOptions: string[];
  LoggingDriver: string;
  IndexServerAddress: string;
  RegistryConfig: {
    InsecureRegistryCIDRs: string[];
    IndexConfigs: Record<string, object>;
    Mirrors: string[];
  };
  Warnings: string[];
  Labels: string[];
  LiveRestoreEnabled: boolean;
  NEventsListener: number;
  SystemTime: string;
}

/** What `system check` found: a sentence for each thing that is wrong. An empty list: the store is whole. */
export interface CheckReport {
  readonly checked: {
    readonly blobs: number;
    readonly snapshots: number;
    readonly images: number;
    readonly containers: number;
  };
  readonly problems: readonly string[];
}

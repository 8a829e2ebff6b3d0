import type { SystemInfo } from "../engine/types/system.ts";

/** Engine API `SystemInfo` with every field of the document: what we do not have carries its zero value. */
export function wholeSystemInfo(info: SystemInfo): Record<string, unknown> {
  return { ...zeroValues(), ...info };
}

function zeroValues(): object {
  return {
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "none"],
      Authorization: [],
      Log: ["json-file", "local", "journald", "none"],
    },
    MemoryLimit: true,
    SwapLimit: true,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    OomKillDisable: false,
    IPv4Forwarding: true,
    Debug: false,
    NFd: 0,
    NGoroutines: 0,
    NEventsListener: 0,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    GenericResources: [],
    ExperimentalBuild: false,
    Isolation: "",
    InitBinary: "",
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "" },
    InitCommit: { ID: "" },
    DefaultAddressPools: [],
    DiscoveredDevices: [],
    CDISpecDirs: [],
  };
}

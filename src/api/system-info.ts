import type { SystemInfo } from "../engine/types/system.ts";

/** Engine API `SystemInfo` with every field of the document: what we do not have carries its zero value. */
export function wholeSystemInfo(info: SystemInfo): Record<string, unknown> {
  return { ...zeroValues(), ...limits(info.CgroupDriver !== "none"), ...info };
}

/** What containers can be limited in. */
function limits(areThere: boolean): object {
  return {
    MemoryLimit: areThere,
    SwapLimit: areThere,
    CpuCfsPeriod: areThere,
    CpuCfsQuota: areThere,
    CPUShares: areThere,
    CPUSet: areThere,
    PidsLimit: areThere,
  };
}

function zeroValues(): object {
  return {
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "none"],
      Authorization: [],
      Log: ["json-file", "local", "journald", "syslog", "none"],
    },
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
    FirewallBackend: { Driver: "nftables" },
    DiscoveredDevices: [],
    CDISpecDirs: [],
  };
}

export interface CPUStats {
  cpu_usage: {
    /** nanoseconds */
    total_usage: number;
    percpu_usage?: number[];
    usage_in_kernelmode: number;
    usage_in_usermode: number;
  };
  /** of the whole host, nanoseconds */
  system_cpu_usage?: number;
  online_cpus?: number;
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number };
}

export interface BlkioEntry {
  major: number;
  minor: number;
  op: string;
  value: number;
}

export interface NetworkStats {
  rx_bytes: number;
  rx_packets: number;
  rx_errors: number;
  rx_dropped: number;
  tx_bytes: number;
  tx_packets: number;
  tx_errors: number;
  tx_dropped: number;
}

export interface MemoryStats {
  /** bytes, the page cache included */
  usage?: number;
  max_usage?: number;
  stats?: Record<string, number>;
  failcnt?: number;
  /** bytes; the host's memory for a container without a limit */
  limit?: number;
}

/** Engine API `ContainerStatsResponse`: one sample, with the processor times of the one before it. */
export interface ContainerStats {
  /** with a leading slash */
  name: string;
  id: string;
  /** RFC 3339; `0001-01-01T00:00:00Z` in a sample of a container that does not run */
  read: string;
  preread: string;
  pids_stats: { current?: number; limit?: number };
  blkio_stats: {
    io_service_bytes_recursive: BlkioEntry[];
    io_serviced_recursive: BlkioEntry[] | null;
    io_queue_recursive: BlkioEntry[] | null;
    io_service_time_recursive: BlkioEntry[] | null;
    io_wait_time_recursive: BlkioEntry[] | null;
    io_merged_recursive: BlkioEntry[] | null;
    io_time_recursive: BlkioEntry[] | null;
    sectors_recursive: BlkioEntry[] | null;
  };
  num_procs: number;
  storage_stats: object;
  cpu_stats: CPUStats;
  precpu_stats: CPUStats;
  memory_stats: MemoryStats;
  networks?: Record<string, NetworkStats>;
}

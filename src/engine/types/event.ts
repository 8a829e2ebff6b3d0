/** Engine API `EventMessage`. `time` in seconds, `timeNano` in nanoseconds since the epoch. */
export interface EngineEvent {
  Type: "container" | "image" | "network" | "volume" | "builder" | "daemon";
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: "local";
  time: number;
  timeNano: number;
  /** The three fields of API 1.21 that clients still read, for containers and images. */
  status?: string;
  id?: string;
  from?: string;
}

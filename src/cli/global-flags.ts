import { bool, list, optional } from "./flags/flag.ts";

/** Options that stand before the command. */
export const globalFlags = {
  host: list("Engine socket to connect to", { short: "H" }),
  context: optional("Name of the context to use to connect to the engine", { short: "c" }),
  root: optional("Directory of the engine that is started when none listens"),
  config: optional("Location of client config files"),
  debug: bool("Show where an error came from", { short: "D" }),
  version: bool("Print version information and quit", { short: "v" }),
  help: bool("Print usage"),
} as const;

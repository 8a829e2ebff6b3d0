import { tmpdir } from "node:os";
import { parseArgs } from "node:util";

/** What the command line of the benchmark asks for. */
export interface Options {
  /** Areas or IDs of scenarios; empty: all. */
  readonly chosen: readonly string[];
  readonly quick: boolean;
  /** Names of the peers to measure beside Slipway; empty: all. */
  readonly peers: readonly string[];
  readonly rounds: number | undefined;
  /** Time for the turns of one scenario, see `measure`. */
  readonly seconds: number | undefined;
  readonly directory: string;
  /** Rewrite docs/benchmarks.md. A run of everything does so anyway. */
  readonly docs: boolean;
  readonly budget: boolean;
}

export const usage = `npm run bench [-- [OPTIONS] [AREA|SCENARIO…]]

  --quick          the short form: few rounds, small work
  --peers A,B      only these beside slipway: docker, podman, docker-registry, crun, runc, "cp -a", tar
  --seconds N      time for the turns of one scenario (default 15); long work still gets three samples
  --rounds N       samples of each peer and scenario, however long they take
  --directory DIR  where everything happens (default: below the temporary directory); 4 GB
  --docs           write docs/benchmarks.md also after a run of a part
  --budget         keep the ratios of this run as the ones that must not get worse
`;

/** Throws for what it does not know. */
export function parseOptions(words: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      peers: { type: "string", default: "" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      directory: { type: "string", default: tmpdir() },
      docs: { type: "boolean", default: false },
      budget: { type: "boolean", default: false },
    },
  });
  return {
    chosen: positionals,
    quick: values.quick,
    peers: values.peers.split(",").filter(Boolean),
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    seconds: values.seconds === undefined ? undefined : Number(values.seconds),
    directory: values.directory,
    docs: values.docs,
    budget: values.budget,
  };
}

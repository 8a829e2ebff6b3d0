import type { CorpusCase } from "./case.ts";
import type { PeerBuilder } from "./peers.ts";
import type { BuiltImage } from "./read-archive.ts";

const members = [
  "Env",
  "Cmd",
  "Entrypoint",
  "WorkingDir",
  "User",
  "ExposedPorts",
  "Volumes",
  "Labels",
  "Healthcheck",
  "OnBuild",
  "StopSignal",
  "Shell",
] as const;

/** What one builder made otherwise than another; empty when they agree. History is compared with BuildKit's alone. */
export function differences(
  one: CorpusCase,
  ours: BuiltImage,
  theirs: BuiltImage,
  peer: PeerBuilder["name"],
): string[] {
  const known = new Set(one.differs?.[peer]?.in);
  return [
    ...fileDifferences(ours, theirs),
    ...members.flatMap((name) => {
      const [is, was] = [shown(ours.config[name], name), shown(theirs.config[name], name)];
      return is === was ? [] : [{ at: name, text: `${name}: ${is}, ${peer} has ${was}` }];
    }),
    ...(peer === "buildkit" ? historyDifferences(ours, theirs) : []),
  ]
    .filter(({ at }) => !known.has(at))
    .map(({ text }) => text);
}

interface Difference {
  readonly at: string;
  readonly text: string;
}

function fileDifferences(ours: BuiltImage, theirs: BuiltImage): Difference[] {
  const paths = new Set([...ours.files.keys(), ...theirs.files.keys()]);
  return [...paths].flatMap((path) => {
    const [is, was] = [ours.files.get(path) ?? "nothing", theirs.files.get(path) ?? "nothing"];
    return is === was ? [] : [{ at: path, text: `${path}: ${is}, the other has ${was}` }];
  });
}

function historyDifferences(ours: BuiltImage, theirs: BuiltImage): Difference[] {
  const [is, was] = [JSON.stringify(ours.history.map(older)), JSON.stringify(theirs.history.map(older))];
  return is === was ? [] : [{ at: "history", text: `history: ${is}, the other has ${was}` }];
}

/** As BuildKit 0.8 of Docker 20.10 words it, or without what it leaves out. */
function older(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .replace(/^\(ARG (\w+).*\)$/, "(ARG $1)")
    .replace(/^RUN \|\d+ .*? \/bin\/sh/, "RUN /bin/sh")
    .replace(/^(COPY|ADD) (--\S+ )*/, "$1 ")
    .replace(/^\(HEALTHCHECK .*/, "(HEALTHCHECK")
    .replaceAll(/(\d+\/\w+):\{\}/g, "$1")
    .replace(/EXPOSE (?:map)?\[(.*)\]/, (_, ports: string) => `EXPOSE ${ports.split(" ").sort().join(" ")}`);
}

/** Nothing, an empty list and an empty map are the same; order counts in lists only, and not among variables. */
function shown(value: unknown, name: string): string {
  if (value === undefined || value === null || value === "") return "nothing";
  if (Array.isArray(value)) {
    if (value.length === 0) return "nothing";
    return JSON.stringify(name === "Env" ? value.toSorted() : value);
  }
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).filter(([key]) => !key.startsWith("io.buildah."));
  return entries.length === 0 ? "nothing" : JSON.stringify(Object.fromEntries(entries.sort()));
}

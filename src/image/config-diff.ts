import type { HistoryEntry, ImageConfig, ImageRunConfig } from "../oci/image-config.ts";

/** A setting that differs; undefined: not set. `createdBy`: the history line that sets it, as far as that tells. */
export interface ConfigChange {
  readonly field: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly createdBy: string;
}

/** What differs between two image configs, apart from layers, history and times. Pure. */
export function configDiff(a: ImageConfig, b: ImageConfig): ConfigChange[] {
  const [before, after] = [settings(a), settings(b)];
  const fields = [...new Set([...before.keys(), ...after.keys()])].sort();
  return fields
    .filter((field) => before.get(field) !== after.get(field))
    .map((field) => ({
      field,
      a: before.get(field),
      b: after.get(field),
      createdBy: lineOf(b.history, field) ?? lineOf(a.history, field) ?? "",
    }));
}

/** Each setting by its name: lists that have keys one by one (`Env PATH`), the others whole. */
function settings(config: ImageConfig): Map<string, string> {
  const run: ImageRunConfig = config.config ?? {};
  const found = new Map<string, string>();
  const set = (field: string, value: unknown): void => {
    if (value === undefined || value === null || value === "") return;
    found.set(field, typeof value === "string" ? value : JSON.stringify(value));
  };
  set("Os", config.os);
  set("Architecture", config.architecture);
  set("Variant", config.variant);
  set("Author", config.author);
  for (const field of wholeFields) set(field, run[field]);
  for (const line of run.Env ?? []) {
    const equals = line.indexOf("=");
    found.set(
      `Env ${line.slice(0, equals < 0 ? undefined : equals)}`,
      equals < 0 ? "" : line.slice(equals + 1),
    );
  }
  for (const [key, value] of Object.entries(run.Labels ?? {})) found.set(`Label ${key}`, value);
  for (const port of Object.keys(run.ExposedPorts ?? {})) found.set(`ExposedPort ${port}`, port);
  for (const volume of Object.keys(run.Volumes ?? {})) found.set(`Volume ${volume}`, volume);
  return found;
}

const wholeFields = [
  "User",
  "WorkingDir",
  "Entrypoint",
  "Cmd",
  "StopSignal",
  "StopTimeout",
  "Healthcheck",
  "Shell",
  "OnBuild",
] as const;

const instructions: Readonly<Record<string, string>> = {
  User: "USER",
  WorkingDir: "WORKDIR",
  Entrypoint: "ENTRYPOINT",
  Cmd: "CMD",
  StopSignal: "STOPSIGNAL",
  Healthcheck: "HEALTHCHECK",
  Shell: "SHELL",
  OnBuild: "ONBUILD",
  Env: "ENV",
  Label: "LABEL",
  ExposedPort: "EXPOSE",
  Volume: "VOLUME",
};

/** The last line of the history that has the setting's instruction and names its key. */
function lineOf(history: readonly HistoryEntry[] | undefined, field: string): string | undefined {
  const space = field.indexOf(" ");
  const instruction = instructions[space < 0 ? field : field.slice(0, space)];
  if (instruction === undefined) return undefined;
  const key = space < 0 ? "" : field.slice(space + 1).replace(/\/tcp$/, "");
  return history
    ?.map(({ created_by }) => created_by ?? "")
    .findLast((line) => new RegExp(`(^|#\\(nop\\) +)${instruction}\\b`).test(line) && line.includes(key));
}

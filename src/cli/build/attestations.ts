import type { AttestationRequest, ProvenanceRequest } from "../../build/attest/attestation-request.ts";
import { csvFields } from "../../volume/csv-fields.ts";
import { ExitError } from "../command.ts";

/**
 * `--provenance mode=max`, `--sbom true`, `--attest type=sbom`: undefined when nothing is asked for. Throws
 * {@link ExitError}. Pure.
 */
export function attestations(flags: {
  readonly attest: readonly string[];
  readonly provenance: string;
  readonly sbom: string;
}): AttestationRequest | undefined {
  const words = [
    ...flags.attest,
    ...(flags.provenance === "" ? [] : [`type=provenance,${flags.provenance}`]),
    ...(flags.sbom === "" ? [] : [`type=sbom,${flags.sbom}`]),
  ];
  let asked: Parsed = {};
  for (const word of words) asked = { ...asked, ...parse(word) };
  const { sbom, provenance } = asked;
  if (sbom !== true && provenance === undefined) return undefined;
  return { ...(sbom === true && { sbom }), ...(provenance !== undefined && { provenance }) };
}

interface Parsed {
  readonly provenance?: ProvenanceRequest | undefined;
  readonly sbom?: boolean;
}

function parse(word: string): Parsed {
  const fields = new Map(csvFields(word).map((field) => keyAndValue(field)));
  const type = take(fields, "type");
  const isDisabled = /^(1|t|true)$/i.test(take(fields, "disabled") ?? "");
  if (type === "sbom") return finished(fields, word, { sbom: !isDisabled });
  if (type !== "provenance") throw failed(word, `unknown type ${JSON.stringify(type ?? "")}`);
  const mode = take(fields, "mode") ?? "min";
  const version = take(fields, "version") ?? "v0.2";
  const builderId = take(fields, "builder-id");
  if (mode !== "min" && mode !== "max") throw failed(word, `mode must be "min" or "max"`);
  if (version !== "v0.2" && version !== "v1") throw failed(word, `version must be "v0.2" or "v1"`);
  const provenance = { mode, version, ...(builderId !== undefined && { builderId }) } as const;
  return finished(fields, word, { provenance: isDisabled ? undefined : provenance });
}

/** A value alone says whether it is wanted: `true`, `false`. */
function keyAndValue(field: string): [string, string] {
  const equals = field.indexOf("=");
  if (equals !== -1) return [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1)];
  return ["disabled", /^(0|f|false)$/i.test(field) ? "true" : "false"];
}

function take(fields: Map<string, string>, key: string): string | undefined {
  const value = fields.get(key);
  fields.delete(key);
  return value;
}

function finished<T>(fields: ReadonlyMap<string, string>, word: string, value: T): T {
  const [unknown] = fields.keys();
  if (unknown !== undefined) throw failed(word, `the option "${unknown}" is not supported`);
  return value;
}

function failed(word: string, why: string): ExitError {
  return new ExitError(1, `ERROR: failed to build: invalid attestation ${JSON.stringify(word)}: ${why}`);
}

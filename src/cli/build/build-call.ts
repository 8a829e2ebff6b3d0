import type { BuildCall } from "../../build/calls/build-answer.ts";
import { csvFields } from "../../volume/csv-fields.ts";
import { ExitError } from "../command.ts";

/** What `--call` asks for. */
export interface CallRequest {
  readonly method: BuildCall;
  readonly format: "text" | "json";
  /** The exit code is 0 also when a check found something. */
  readonly ignoresStatus: boolean;
}

const methods: Readonly<Record<string, BuildCall>> = {
  check: "check",
  lint: "check",
  outline: "outline",
  targets: "targets",
  "dry-run": "dry-run",
};

/** `check`, `outline,format=json`, `build`: undefined for a plain build. Throws {@link ExitError}. Pure. */
export function parseCall(text: string, shorthand: BuildCall | undefined): CallRequest | undefined {
  const [name = "", ...options] = csvFields(text);
  let [format, ignoresStatus]: [CallRequest["format"], boolean] = ["text", false];
  for (const option of options) {
    const [key = "", value] = option.split("=", 2);
    if (key === "format" && (value === "json" || value === "text")) format = value;
    else if (key === "ignorestatus" && /^(1|t|true|0|f|false)?$/i.test(value ?? "true"))
      ignoresStatus = !/^(0|f|false)$/i.test(value ?? "true");
    else throw failed(`invalid option ${JSON.stringify(option)} in --call ${text}`);
  }
  const wanted = shorthand ?? name.replace(/^subrequests\./, "");
  if (wanted === "" || wanted === "build") return undefined;
  const method = Object.hasOwn(methods, wanted) ? methods[wanted] : undefined;
  if (method === undefined)
    throw failed(
      `invalid call ${JSON.stringify(name)}: use "build", "check", "outline", "targets" or "dry-run"`,
    );
  return { method, format, ignoresStatus };
}

function failed(message: string): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`);
}

import { spawn } from "node:child_process";
import { SlipwayError } from "../errors.ts";

/**
 * Runs a system tool with `input` on its standard input and returns its standard output. Throws `unavailable` when
 * the tool is missing and `internal` with the tool's first words when it fails.
 */
export async function runCommand(argv: readonly string[], input = ""): Promise<string> {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.err += text));
  // A tool that fails early closes its input: its exit code tells more than EPIPE.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", (cause) => reject(missing(file, cause)));
    child.once("close", resolve);
  });
  if (code === 0) return output.out;
  throw new SlipwayError("internal", `Command "${argv.join(" ")}" failed: ${firstLine(output.err)}`);
}

function missing(file: string, cause: Error): SlipwayError {
  const package_ = file === "nft" ? "nftables" : "iproute2 and util-linux";
  return new SlipwayError("unavailable", `Cannot run "${file}": install the package ${package_}`, { cause });
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}

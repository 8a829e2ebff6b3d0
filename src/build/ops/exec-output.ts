import { StringDecoder } from "node:string_decoder";
import type { OutputChunk } from "../../runtime/runtime.ts";
import type { StepContext } from "../op-handler.ts";

const keptLines = 10;
const keptBytes = 16 * 1024;

/** Passes on what a step prints, and remembers the end of it. */
export class ExecOutput {
  readonly #log: StepContext["log"];
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  #tail = "";

  constructor(context: Pick<StepContext, "log">) {
    this.#log = (stream, data) => context.log(stream, data);
  }

  readonly receive = ({ stream, data }: OutputChunk): void => {
    this.#pass(stream, this.#decoders[stream].write(Buffer.from(data)));
  };

  /** The process closed its streams: what is left of a half character goes out. */
  end(): void {
    this.#pass("stdout", this.#decoders.stdout.end());
    this.#pass("stderr", this.#decoders.stderr.end());
  }

  #pass(stream: "stdout" | "stderr", text: string): void {
    if (text === "") return;
    this.#tail = (this.#tail + text).slice(-keptBytes);
    this.#log(stream, text);
  }

  lastLines(): string[] {
    return this.#tail.trimEnd().split("\n").slice(-keptLines).filter(Boolean);
  }
}

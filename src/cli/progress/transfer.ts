import { humanSize } from "../../internal/human-size.ts";
import type { TransferProgress } from "../../engine/types/image.ts";

/**
 * Shows a pull, push or load as Docker does: on a terminal one line a layer, redrawn in place; otherwise one line for
 * every change of status. Without a stream it only waits. Returns the last line without an ID.
 */
export async function showTransfer(
  progress: AsyncIterable<TransferProgress>,
  stream: NodeJS.WriteStream | undefined,
): Promise<void> {
  const display =
    stream === undefined ? undefined : stream.isTTY ? new TerminalDisplay(stream) : new PlainDisplay(stream);
  for await (const line of progress) display?.show(line);
}

interface Display {
  show(line: TransferProgress): void;
}

class PlainDisplay implements Display {
  readonly #stream: NodeJS.WriteStream;
  readonly #last = new Map<string, string>();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show({ id, status }: TransferProgress): void {
    if (status === undefined) return;
    if (id !== undefined) {
      if (this.#last.get(id) === status) return;
      this.#last.set(id, status);
    }
    this.#stream.write(id === undefined ? `${status}\n` : `${id}: ${status}\n`);
  }
}

class TerminalDisplay implements Display {
  readonly #stream: NodeJS.WriteStream;
  readonly #rows: string[] = [];

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(line: TransferProgress): void {
    if (line.status === undefined) return;
    if (line.id === undefined) {
      this.#stream.write(`${line.status}\n`);
      this.#rows.length = 0;
      return;
    }
    let row = this.#rows.indexOf(line.id);
    if (row < 0) {
      row = this.#rows.push(line.id) - 1;
      this.#stream.write("\n");
    }
    const up = this.#rows.length - row;
    this.#stream.write(
      `\u001b[${up}A\u001b[2K\r${line.id}: ${line.status} ${bar(line.progressDetail)}\r\u001b[${up}B`,
    );
  }
}

const barWidth = 40;

function bar(detail: TransferProgress["progressDetail"]): string {
  if (detail?.current === undefined) return "";
  if (!detail.total) return humanSize(detail.current);
  const done = Math.min(1, detail.current / detail.total);
  const filled = Math.round(done * barWidth);
  const drawn = `${"=".repeat(filled)}${filled < barWidth ? ">" : ""}`.padEnd(barWidth);
  return `[${drawn}] ${humanSize(detail.current)}/${humanSize(detail.total)}`;
}

/** A program on a pseudo-terminal: what it writes, and what is typed. */
export class Terminal implements AsyncDisposable {
  /** Everything written so far. */
  text = "";
  readonly exited: Promise<number>;
  readonly #child: Bun.Subprocess;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const decoder = new TextDecoder();
    this.#child = Bun.spawn([...command], {
      env: { ...env },
      terminal: {
        cols: 100,
        rows: 30,
        data: (_terminal, data) => void (this.text += decoder.decode(data, { stream: true })),
      },
    });
    this.exited = this.#child.exited;
  }

  type(text: string): void {
    this.#child.terminal?.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#child.terminal?.resize(columns, rows);
  }

  /** Waits until what was written after the last call matches; gives the match. */
  async expect(pattern: RegExp, milliseconds = 10_000): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await Bun.sleep(10)) {
      const match = pattern.exec(this.text.slice(this.#seen));
      if (match === null) continue;
      this.#seen += match.index + match[0].length;
      return match;
    }
    throw new Error(`no ${pattern} in ${JSON.stringify(this.text.slice(this.#seen))}`);
  }

  #seen = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
    this.#child.terminal?.close();
  }
}

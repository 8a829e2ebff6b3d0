import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { openNamedContext } from "./build-context.ts";
import type { NamedContext } from "./builder.ts";
import type { ContextParts } from "./context-directory.ts";
import type { SourceTree } from "./files/source-tree.ts";

type Opened = AsyncDisposable & { readonly tree: SourceTree };

/** The named contexts of one build; each is opened when a step first wants its files. Dispose closes them. */
export class NamedContexts implements AsyncDisposable {
  readonly #contexts: Readonly<Record<string, NamedContext>>;
  readonly #parts: ContextParts;
  readonly #options: CallOptions;
  readonly #opened = new Map<string, Promise<Opened>>();

  constructor(contexts: Readonly<Record<string, NamedContext>>, parts: ContextParts, options: CallOptions) {
    this.#contexts = contexts;
    this.#parts = parts;
    this.#options = options;
  }

  async tree(name: string): Promise<SourceTree> {
    const context = this.#contexts[name];
    if (context === undefined || context.kind === "image")
      throw new SlipwayError("internal", `No context "${name}"`);
    let opened = this.#opened.get(name);
    if (opened === undefined) {
      opened = openNamedContext(context, this.#parts, this.#options);
      this.#opened.set(name, opened);
    }
    return (await opened).tree;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const result of await Promise.allSettled(this.#opened.values()))
      if (result.status === "fulfilled") await result.value[Symbol.asyncDispose]();
  }
}

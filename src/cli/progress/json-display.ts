import type { BuildEvent } from "../../build/builder.ts";
import { BuildState } from "./build-state.ts";
import type { BuildDisplay, DisplayOptions } from "./display.ts";

/** Every event as a line of JSON. */
export class JsonDisplay implements BuildDisplay {
  readonly state = new BuildState();
  readonly #options: Pick<DisplayOptions, "stream" | "now">;

  constructor(options: Pick<DisplayOptions, "stream" | "now">) {
    this.#options = options;
  }

  show(event: BuildEvent): void {
    this.state.apply(event, this.#options.now());
    this.#options.stream.write(`${JSON.stringify(event)}\n`);
  }

  end(): void {}
}

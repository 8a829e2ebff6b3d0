import type { BuildEvent } from "../../build/builder.ts";
import { BuildState } from "./build-state.ts";
import type { BuildDisplay, DisplayOptions } from "./display.ts";

/** Shows nothing, but remembers what a failure is explained from. */
export class QuietDisplay implements BuildDisplay {
  readonly state = new BuildState();
  readonly #now: () => number;

  constructor({ now }: Pick<DisplayOptions, "now">) {
    this.#now = now;
  }

  show(event: BuildEvent): void {
    this.state.apply(event, this.#now());
  }

  end(): void {}
}

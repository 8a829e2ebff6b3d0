import { createHash } from "node:crypto";
import type { BuildEvent, BuildInstruction } from "../build/builder.ts";

type Told<T extends BuildEvent["type"]> = Extract<BuildEvent, { type: T }>;

/** What is known of a vertex. Its lines wait until its instruction's turn. */
interface Work {
  lines: object[];
  /** Its first words were said. */
  isSaid: boolean;
  state: "waiting" | "running" | "done" | "cached";
}

/**
 * The instructions of a build as the classic builder tells them, one after the other: `Step 2/5 : RUN make`, what it
 * prints, ` ---> 1f2e3d4c5b6a`. Steps run side by side, so what comes before its turn waits. The ID after an instruction
 * names its place in the Dockerfile; those of a FROM with an image and of the last instruction are images.
 */
export class ClassicSteps {
  #told: Told<"instructions"> | undefined;
  readonly #works = new Map<string, Work>();
  /** The instruction whose turn it is: its header is said. */
  #turn = -1;
  #id = "";

  /** What the event adds to what was said. */
  *see(event: Exclude<BuildEvent, { type: "image" }>): Generator<object> {
    switch (event.type) {
      case "instructions":
        this.#told = event;
        return yield* this.#advance();
      case "started":
        this.#work(event.id).state = "running";
        return yield* this.#advance();
      case "log":
        return yield* this.#say(event.id, { stream: event.data });
      case "progress":
        return yield* this.#say(event.id, progressLine(event));
      case "completed":
        if (event.error !== undefined) return yield* this.#fail(event.id);
        this.#work(event.id).state = event.cached ? "cached" : "done";
        return yield* this.#advance();
      case "warning":
        return yield warningLine(event);
    }
  }

  /** The image stands: what was not said yet, and its ID after the last instruction. */
  *finish(image: string): Generator<object> {
    if (this.#told === undefined) return;
    for (const id of this.#told.instructions.flatMap(({ ids }) => ids)) {
      const work = this.#work(id);
      if (work.state === "waiting") work.state = "cached";
    }
    yield* this.#advance();
    const last = this.#told.instructions[this.#turn];
    if (last !== undefined) yield* this.#close(last, short(image));
    const { unusedArgs } = this.#told;
    if (unusedArgs.length === 0) return;
    yield { stream: `[Warning] One or more build-args [${unusedArgs.join(" ")}] were not consumed\n` };
  }

  /** Goes on while instructions are done; the last one ends with the build. */
  *#advance(): Generator<object> {
    const { instructions, isWhole } = this.#told ?? { instructions: [], isWhole: false };
    if (this.#turn < 0 && instructions.length > 0) yield* this.#begin(0, instructions);
    if (!isWhole) return;
    for (;;) {
      const current = instructions[this.#turn];
      if (current === undefined) return;
      yield* this.#flush(current);
      const isDone = current.ids.every((id) => /done|cached/.test(this.#work(id).state));
      if (!isDone || this.#turn === instructions.length - 1) return;
      yield* this.#close(current);
      yield* this.#begin(this.#turn + 1, instructions);
    }
  }

  *#begin(at: number, instructions: readonly BuildInstruction[]): Generator<object> {
    this.#turn = at;
    const { text = "", triggers = 0 } = instructions[at] ?? {};
    yield { stream: `Step ${at + 1}/${instructions.length} : ${text}` };
    yield { stream: "\n" };
    if (triggers > 0) yield { stream: `# Executing ${triggers} build trigger${triggers > 1 ? "s" : ""}\n` };
  }

  /** What the vertices of the instruction wrote so far. */
  *#flush({ text, ids }: BuildInstruction): Generator<object> {
    for (const id of ids) {
      const work = this.#work(id);
      if (work.state === "waiting") continue;
      const lines = work.lines;
      work.lines = [];
      if (!work.isSaid && isRun(text) && work.state !== "cached")
        yield { stream: ` ---> Running in ${short(id)}\n` };
      work.isSaid = true;
      yield* lines;
    }
  }

  *#close({ text, ids, base }: BuildInstruction, image?: string): Generator<object> {
    // Of what stands above the first FROM nothing could be made.
    if (this.#id === "" && /^ARG\s/i.test(text)) return;
    const isFrom = /^FROM\s/i.test(text);
    const isCached = ids.length > 0 && ids.every((id) => this.#work(id).state === "cached");
    if (isCached && !isFrom) yield { stream: " ---> Using cache\n" };
    if (!isCached && isRun(text)) {
      for (const id of ids) yield { stream: ` ---> Removed intermediate container ${short(id)}\n` };
    }
    this.#id = placeID(this.#id, text, ids);
    const isScratch = /^FROM\s+(--\S+\s+)*scratch\b/i.test(text);
    yield { stream: ` ---> ${image ?? (base === undefined ? (isScratch ? "" : this.#id) : short(base))}\n` };
  }

  /** The one to blame is shown, also before its turn. */
  *#fail(id: string): Generator<object> {
    const instructions = this.#told?.instructions ?? [];
    const at = instructions.findIndex(({ ids }) => ids.includes(id));
    const failed = instructions[at];
    if (failed === undefined) return;
    if (at !== this.#turn) yield* this.#begin(at, instructions);
    const work = this.#work(id);
    if (work.state === "waiting") work.state = "running";
    yield* this.#flush(failed);
    this.#told = undefined;
  }

  /** At once for the instruction whose turn it is, and for what is none's: a pull, a download. */
  *#say(id: string, line: object): Generator<object> {
    const instructions = this.#told?.instructions ?? [];
    const at = instructions.findIndex(({ ids }) => ids.includes(id));
    if (at === -1 || at === this.#turn) yield line;
    else this.#work(id).lines.push(line);
  }

  #work(id: string): Work {
    const known = this.#works.get(id);
    if (known !== undefined) return known;
    const work: Work = { lines: [], isSaid: false, state: "waiting" };
    this.#works.set(id, work);
    return work;
  }
}

function isRun(text: string): boolean {
  return /^RUN\s/i.test(text);
}

function short(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}

function placeID(before: string, text: string, ids: readonly string[]): string {
  return createHash("sha256")
    .update(JSON.stringify([before, text, ids]))
    .digest("hex")
    .slice(0, 12);
}

function warningLine({ line, text }: Told<"warning">): object {
  return { stream: `[Warning] ${line === undefined ? "" : `line ${line}: `}${text}\n` };
}

function progressLine({ id, text, current, total }: Told<"progress">): object {
  if (current === undefined) return { status: text };
  return { id: short(id), status: text, progressDetail: { current, total } };
}

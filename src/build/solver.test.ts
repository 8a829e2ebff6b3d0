import { expect, test } from "bun:test";
import { SlipwayError } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { State } from "../state/state.ts";
import { BuildCache } from "./cache.ts";
import { cacheKeyOf, type OpHandlers, type OpHandler } from "./op-handler.ts";
import { Solver } from "./solver.ts";
import type { SolveListener, SolveOptions } from "./solving.ts";
import { vertexDigest, type MkdirOp, type Vertex } from "./vertex.ts";

/** A graph of steps that only count; the solver knows no difference. */
class Fixture implements Disposable {
  readonly state = State.open(":memory:");
  readonly cache = new BuildCache(this.state.db, () => 1000);
  readonly snapshots = new Set<string>();
  readonly ran: string[] = [];
  readonly causes = new Map<string, readonly string[] | undefined>();
  readonly solver: Solver;
  work: (path: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve();

  constructor(concurrency = 4) {
    const has = (name: string): Promise<boolean> => Promise.resolve(this.snapshots.has(name));
    this.solver = new Solver(this.cache, has, concurrency, () => 1000);
  }

  step(path: string, ...inputs: Vertex[]): Vertex {
    const op: MkdirOp = { kind: "mkdir", path };
    const digest = vertexDigest(op, inputs);
    return { digest, op, inputs, name: `[${path}] RUN ${path}`, text: path, place: path };
  }

  solve(target: Vertex, more: Partial<SolveOptions> = {}): Promise<{ snapshot: string | undefined }> {
    const { signal } = new AbortController();
    const handlers = { mkdir: this.#handler() } as unknown as OpHandlers;
    const options = { handlers, listener: this.#listener(), signal, noCache: false, project: "p" };
    return this.solver.solve(target, { ...options, ...more });
  }

  #handler(): OpHandler<MkdirOp> {
    return {
      cacheKey: (op, inputKeys) =>
        Promise.resolve(
          cacheKeyOf([
            { kind: "operation", name: "step", value: op.path },
            ...inputKeys.map((value, at) => ({ kind: "input" as const, name: String(at), value })),
          ]),
        ),
      exec: async (op, _inputs, { signal }) => {
        this.ran.push(op.path);
        await this.work(op.path, signal);
        const snapshot = `s-${op.path}-${this.ran.length}`;
        this.snapshots.add(snapshot);
        return { snapshot };
      },
    };
  }

  #listener(): SolveListener {
    return {
      started: () => undefined,
      completed: (vertex, result) => void this.causes.set(vertex.text, result.causes),
      log: () => undefined,
      progress: () => undefined,
    };
  }

  [Symbol.dispose](): void {
    this.state[Symbol.dispose]();
  }
}

test("Solver.solve() carries each vertex out once and takes hits the next time", async () => {
  using f = new Fixture();
  const base = f.step("base");
  const target = f.step("end", f.step("left", base), f.step("right", base));
  const first = await f.solve(target);
  expect(f.ran.toSorted()).toEqual(["base", "end", "left", "right"]);
  const second = await f.solve(target);
  expect(f.ran).toHaveLength(4);
  expect(second.snapshot).toBe(first.snapshot);
});

test("Solver.solve() runs no step whose result a hit above makes needless", async () => {
  using f = new Fixture();
  const low = f.step("low");
  const target = f.step("high", low);
  await f.solve(target);
  f.snapshots.delete([...f.snapshots].find((name) => name.startsWith("s-low")) ?? "");
  await f.solve(target);
  expect(f.ran).toEqual(["low", "high"]);
});

test("Solver.solve() makes a step again when its snapshot is gone", async () => {
  using f = new Fixture();
  const target = f.step("one");
  await f.solve(target);
  f.snapshots.clear();
  await f.solve(target);
  expect(f.ran).toEqual(["one", "one"]);
  expect(f.causes.get("one")).toEqual(["the earlier result is gone"]);
});

test("Solver.solve() runs at most so many steps at once, and independent ones side by side", async () => {
  using f = new Fixture(2);
  let now = 0;
  let most = 0;
  f.work = async () => {
    now += 1;
    most = Math.max(most, now);
    await Bun.sleep(5);
    now -= 1;
  };
  await f.solve(f.step("end", ...["a", "b", "c", "d"].map((path) => f.step(path))));
  expect(most).toBe(2);
});

test("Solver.solve() of two builds does the same work once", async () => {
  using f = new Fixture();
  f.work = () => Bun.sleep(10);
  const [a, b] = await Promise.all([f.solve(f.step("same")), f.solve(f.step("same"))]);
  expect(f.ran).toEqual(["same"]);
  expect(a.snapshot).toBe(b.snapshot);
});

test("Solver.solve() goes on with work that another build was cancelled in", async () => {
  using f = new Fixture();
  const stop = new AbortController();
  f.work = async (_path, signal) => {
    await Bun.sleep(10);
    if (signal.aborted) throw new SlipwayError("cancelled", "stopped");
  };
  const first = f.solve(f.step("same"), { signal: stop.signal }).catch((error: Error) => error.message);
  const second = f.solve(f.step("same"));
  while (f.ran.length === 0) await Bun.sleep(1);
  stop.abort();
  expect(await first).toBe("Build cancelled");
  expect((await second).snapshot).toBe("s-same-2");
});

test("Solver.solve() ends the other steps when one fails, and waits for them", async () => {
  using f = new Fixture();
  let ended = false;
  f.work = async (path, signal) => {
    if (path === "bad") throw new SlipwayError("invalid_argument", "bad step");
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    ended = true;
    signal.throwIfAborted();
  };
  const solving = f.solve(f.step("end", f.step("slow"), f.step("bad")));
  expect(await solving.catch((error: Error) => error.message)).toBe("bad step");
  expect(ended).toBe(true);
  expect(f.cache.get(digestOf("anything"))).toBeUndefined();
});

test("Solver.solve() names the earlier step that changed, and --no-cache", async () => {
  using f = new Fixture();
  await f.solve(f.step("top", f.step("low")));
  const other = { ...f.step("low"), op: { kind: "mkdir", path: "changed" } as const };
  const low = { ...other, digest: vertexDigest(other.op, []) };
  await f.solve({ ...f.step("top", low) });
  expect(f.causes.get("low")).toEqual(["step text changed"]);
  expect(f.causes.get("top")).toEqual(["an earlier step changed: low"]);
  await f.solve(f.step("top", low), { noCache: true });
  expect(f.causes.get("top")).toEqual(["--no-cache"]);
});

test("Solver.solve() does the same work of two stages once, also one after the other", async () => {
  using f = new Fixture(1);
  const a = { ...f.step("same"), digest: digestOf("a") };
  const b = { ...f.step("same"), digest: digestOf("b") };
  await f.solve(f.step("end", a, b));
  expect(f.ran).toEqual(["same", "end"]);
});

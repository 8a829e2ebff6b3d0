import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { DryRunDocument } from "./calls/dry-run-document.ts";
import { stepsOf } from "./export-image.ts";
import type { LayerHashes, LayerIdentity } from "./layer-hashes.ts";
import { predict, type PredictOptions, type Prediction } from "./predict.ts";
import { hasSnapshot } from "./step-root.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { BuildPlan, Vertex } from "./vertex.ts";

/** The layers of a base image, as its manifest names them. */
export interface BaseLayers {
  readonly reference: string;
  readonly layers: readonly Descriptor[];
  readonly isHere: boolean;
}

/** A layer the result would have. */
export interface FutureLayer {
  readonly name: string;
  /** Of a base. */
  readonly descriptor?: Descriptor;
  /** Of a step, as it is (`isOpen` false) or was when it was last made. */
  readonly identity?: LayerIdentity;
  readonly isOpen: boolean;
}

/** What a build would do, and the layers that would come of it. */
export interface DryRun extends Pick<DryRunDocument, "steps" | "pulls"> {
  readonly layers: readonly FutureLayer[];
}

interface DryRunParts extends Omit<PredictOptions, "hasSnapshot" | "project"> {
  readonly snapshotter: Snapshotter;
  readonly hashes: LayerHashes;
}

/** Looks through the plans; nothing is carried out. */
export async function dryRun(
  plans: readonly { readonly plan: BuildPlan; readonly project: string }[],
  bases: ReadonlyMap<Digest, BaseLayers>,
  parts: DryRunParts,
): Promise<DryRun> {
  const all = new Map<Digest, Prediction>();
  const layers: FutureLayer[] = [];
  for (const { plan, project } of plans) {
    if (plan.target === undefined) continue;
    const predictions = await predict(plan.target, plan.vertices, {
      ...parts,
      hasSnapshot: (name) => hasSnapshot(parts.snapshotter, name),
      project,
    });
    for (const one of predictions) all.set(one.vertex.digest, one);
    layers.push(...stepsOf(plan.target).flatMap((vertex) => layersOf(vertex, { all, bases, ...parts })));
  }
  const missing = [...bases.values()].filter(({ isHere }) => !isHere);
  return {
    steps: [...all.values()].map(stepOf),
    pulls: missing.map((base) => ({ reference: base.reference, bytes: sum(base.layers) })),
    layers,
  };
}

function sum(layers: readonly Descriptor[]): number {
  return layers.reduce((bytes, { size }) => bytes + size, 0);
}

function stepOf({ vertex, outcome, durationMs, causes }: Prediction): DryRun["steps"][number] {
  return {
    name: vertex.name,
    ...(vertex.line !== undefined && { line: vertex.line }),
    outcome,
    ...(durationMs !== undefined && { durationMs }),
    ...(causes !== undefined && { causes }),
  };
}

function layersOf(
  vertex: Vertex,
  about: {
    readonly all: ReadonlyMap<Digest, Prediction>;
    readonly bases: ReadonlyMap<Digest, BaseLayers>;
    readonly hashes: LayerHashes;
  },
): FutureLayer[] {
  const { name, op } = vertex;
  if (op.kind === "image") {
    const layers = about.bases.get(op.imageID)?.layers ?? [];
    return layers.map((descriptor) => ({ name, descriptor, isOpen: false }));
  }
  const { snapshot, lastSnapshot } = about.all.get(vertex.digest) ?? {};
  const from = snapshot ?? lastSnapshot;
  const identity = from === undefined ? undefined : about.hashes.known(from);
  return [{ name, isOpen: snapshot === undefined, ...(identity !== undefined && { identity }) }];
}

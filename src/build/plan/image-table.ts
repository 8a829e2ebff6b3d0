import type { FromInstruction, Instruction } from "../../dockerfile/instruction.ts";
import { canonicalString, parseReference, pullReference } from "../../oci/reference.ts";
import { formatPlatform, type Platform } from "../../oci/platform.ts";
import type { ImageNeed, ImageOp, KnownImage, Vertex } from "../vertex.ts";
import { reject } from "./scope.ts";
import { makeVertex, StageState } from "./stage-state.ts";

/** Images are known by canonical reference and platform. */
export function imageKey(need: ImageNeed): string {
  return `${need.reference} ${formatPlatform(need.platform)}`;
}

/** The images a plan names. One that is not known yet is noted, and stood in for until the plan is made again. */
export class ImageTable {
  readonly needs: ImageNeed[] = [];
  readonly #known: ReadonlyMap<string, KnownImage>;

  constructor(known: ReadonlyMap<string, KnownImage>) {
    this.#known = known;
  }

  /** The state of a stage that begins with this image. */
  base(name: string, platform: Platform, from: FromInstruction, prefix: string): StageState {
    const need = { reference: canonical(name, from), platform, written: { name, location: from.location } };
    const image = this.#lookup(need);
    if (image === undefined) return StageState.scratch(platform);
    const about = {
      name: `${prefix}FROM ${shownName(need, image)}`,
      line: from.location.startLine,
      text: from.original,
    };
    const stage = from.alias ?? "";
    return StageState.image(image.config, platform, imageVertex(need, image, { ...about, stage })).withPath();
  }

  /** The vertex of an image that files come from; undefined for one without layers, or not known yet. */
  source(name: string, platform: Platform, instruction: Instruction): Vertex | undefined {
    const { location } = instruction;
    const need = { reference: canonical(name, instruction), platform, written: { name, location } };
    const image = this.#lookup(need);
    if (image === undefined) return undefined;
    const shown = `FROM ${shownName(need, image)}`;
    return imageVertex(need, image, {
      name: shown,
      line: instruction.location.startLine,
      text: shown,
      stage: "",
    });
  }

  #lookup(need: ImageNeed): KnownImage | undefined {
    const image = this.#known.get(imageKey(need));
    const isNoted = this.needs.some((other) => imageKey(other) === imageKey(need));
    if (image === undefined && !isNoted) this.needs.push(need);
    return image;
  }
}

function imageVertex(
  need: ImageNeed,
  image: KnownImage,
  about: { name: string; line: number; text: string; stage: string },
): Vertex | undefined {
  const diffIDs = image.config.rootfs.diff_ids;
  if (diffIDs.length === 0) return undefined;
  const { reference } = need;
  const op: ImageOp = { kind: "image", reference, imageID: image.id, manifest: image.manifest, diffIDs };
  return makeVertex(op, [], { ...about, place: `image ${imageKey(need)}` });
}

function shownName(need: ImageNeed, image: KnownImage): string {
  if (image.digest === undefined || need.reference.includes("@")) return need.reference;
  return `${need.reference}@${image.digest}`;
}

function canonical(name: string, instruction: { location: Instruction["location"] }): string {
  try {
    return canonicalString(pullReference(parseReference(name)));
  } catch (error) {
    return reject(instruction, `failed to parse stage name "${name}": ${(error as Error).message}`);
  }
}

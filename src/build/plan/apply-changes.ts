import { SlipwayError } from "../../errors.ts";
import { parseDockerfile } from "../../dockerfile/parse-dockerfile.ts";
import type { ImageConfig, ImageRunConfig } from "../../oci/image-config.ts";
import { dispatch } from "./dispatch.ts";
import type { PlanScope } from "./scope.ts";
import { StageState } from "./stage-state.ts";

/** What `commit --change` and `import --change` take: instructions that touch the configuration alone. */
const allowed: ReadonlySet<string> = new Set([
  "cmd",
  "entrypoint",
  "env",
  "expose",
  "healthcheck",
  "label",
  "onbuild",
  "stopsignal",
  "user",
  "volume",
  "workdir",
]);

/**
 * The image's configuration after the Dockerfile instructions `changes`, one each. Pure. Throws `invalid_argument`, in
 * Docker's words, for an instruction that does not belong here or is wrong.
 */
export function applyChanges(image: ImageConfig, changes: readonly string[]): ImageRunConfig {
  if (changes.length === 0) return image.config ?? {};
  const { stages, directives } = parseDockerfile(`FROM scratch\n${changes.join("\n")}`);
  const [stage] = stages;
  if (stage === undefined || stages.length > 1) throw refused("from");
  const state = StageState.image(image, image, undefined);
  const scope: PlanScope = {
    state,
    stageIndex: 0,
    stageName: "",
    escape: directives.escape,
    buildArgs: {},
    globalArgs: new Map(),
    network: "default",
    allow: [],
    buildPlatform: image,
    isContext: () => false,
    sourceOf: () => undefined,
    unsupported: [],
    failures: [],
    nextPrefix: () => "",
  };
  for (const instruction of stage.instructions) {
    if (!allowed.has(instruction.kind)) throw refused(instruction.kind);
    dispatch(instruction, scope);
  }
  return state.imageConfig().config ?? {};
}

function refused(kind: string): SlipwayError {
  return new SlipwayError("invalid_argument", `${kind.toUpperCase()} is not a valid change command`);
}

import { lintText } from "../../src/dockerfile/lint/lint-dockerfile.ts";
import { argumentsOf, type AstNode } from "../../src/dockerfile/ast.ts";
import { dumpAst } from "../../src/dockerfile/dump-ast.ts";
import { parseAst } from "../../src/dockerfile/parse-ast.ts";
import { platformArgs } from "../../src/build/plan/build-args.ts";
import { imageGrammar } from "../../src/build/plan/check-dockerfile.ts";
import { operations, recordedOperations } from "./build-operations.ts";
import type { DockerfileRow, GoldenNode } from "./dockerfile-row.ts";
import { answerOf, compared, type GoldenRunner, type Outcome } from "./outcome.ts";
import { platform, stubImage, stubPlan } from "./stub-plan.ts";

/** dockerfiles.jsonl: what BuildKit made of public Dockerfiles, step by step. */
export const dockerfiles: GoldenRunner = (text) => {
  const rows = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as DockerfileRow);
  const sets: Record<string, (row: DockerfileRow) => Outcome | undefined> = {
    tree,
    error,
    image,
    operation,
    lint,
  };
  return Object.fromEntries(
    Object.entries(sets).map(([name, compare]) => [
      `dockerfiles.jsonl ${name}`,
      rows.map(compare).filter((outcome) => outcome !== undefined),
    ]),
  );
};

/** The syntax tree, its dump, and how many empty continuation lines there are. */
function tree(row: DockerfileRow): Outcome {
  const answer = answerOf(() => {
    const { ast, directives, warnings } = parseAst(row.dockerfile);
    const nodes = ast.children.map((child) => goldenNode(child));
    return { ast: nodes, dump: dumpAst(ast), escape: directives.escape, warnings: warnings.length };
  });
  const wanted =
    row.parseError === undefined
      ? {
          ast: row.ast?.map((node) => ({ ...node, args: node.args ?? [] })),
          dump: row.dump,
          escape: row.escape ?? "\\",
          warnings: row.parseWarnings?.length ?? 0,
        }
      : "error";
  return compared(row.id, wanted, "error" in answer ? "error" : answer.value);
}

function goldenNode(node: AstNode, nested = false): GoldenNode {
  const [trigger] = node.next?.children ?? [];
  return {
    value: node.value,
    original: node.original,
    start: nested ? 0 : node.location.startLine,
    end: nested ? 0 : node.location.endLine,
    args: trigger === undefined ? argumentsOf(node) : [""],
    ...(node.flags.length > 0 && { flags: node.flags }),
    ...(node.comments.length > 0 && { prevComment: node.comments }),
    ...(node.json && { attributes: { json: true } }),
    ...(trigger !== undefined && { child: goldenNode(trigger, true) }),
    ...(node.heredocs.length > 0 && {
      heredocs: node.heredocs.map(({ fileDescriptor, ...heredoc }) => ({ ...heredoc, fd: fileDescriptor })),
    }),
  };
}

/** Whether it fails, wherever it fails first: while it is read, or while the build is planned. */
function error(row: DockerfileRow): Outcome {
  const wanted = row.parseError ?? row.instructionsError ?? row.buildError ?? row.opsError;
  const got = answerOf(() => {
    const plan = stubPlan(row.dockerfile);
    if (plan.failure !== undefined) throw plan.failure;
    return plan;
  });
  if (wanted === undefined) return compared(row.id, "no error", "error" in got ? got.error : "no error");
  return "error" in got ? { id: row.id } : { id: row.id, failure: `wanted an error: ${wanted}` };
}

/** The final config and history. */
function image(row: DockerfileRow): Outcome {
  const answer = answerOf(() => {
    const { config, history } = stubPlan(row.dockerfile);
    return withoutLayers({ ...config, ...(history.length > 0 && { history }) });
  });
  const wanted = row.image === undefined ? "error" : withoutLayers(row.image);
  return compared(row.id, wanted, "error" in answer ? "error" : answer.value);
}

/** Layers are made when a build runs, not here; null and absent are the same in a config. */
function withoutLayers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutLayers);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, inner]) => key !== "rootfs" && inner !== null);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutLayers(inner)]));
}

/** What the steps do: images, processes, files. Of rows that BuildKit built. */
function operation(row: DockerfileRow): Outcome | undefined {
  if (row.ops === undefined) return undefined;
  const plan = answerOf(() => stubPlan(row.dockerfile));
  if ("error" in plan) return { id: row.id, failure: plan.error };
  const { unsupported } = plan.value;
  if (unsupported.length > 0) return { id: row.id, failure: `not carried out: ${unsupported.join(", ")}` };
  return compared(row.id, recordedOperations(row.ops ?? []), operations(plan.value));
}

/** Of rows whose instructions are right: the recorder asked for no warnings of others. */
function lint(row: DockerfileRow): Outcome | undefined {
  if (row.parseError !== undefined || row.instructionsError !== undefined) return undefined;
  const { ast } = parseAst(row.dockerfile);
  const stages = ast.children.filter(({ value }) => value.toLowerCase() === "from").length;
  const env = stubImage.config?.Env ?? [];
  const { diagnostics } = lintText(row.dockerfile, {
    ...imageGrammar,
    target: stages - 1,
    predefinedArgs: platformArgs(platform, platform, "default"),
    bases: new Map(Array.from({ length: stages }, (_, index) => [index, { env }])),
  });
  const got = diagnostics.map(({ rule, detail, location }) => `${rule} ${location.startLine} ${detail}`);
  const wanted = (row.lint ?? []).map(({ rule, line, detail }) => `${rule} ${line} ${detail}`);
  return compared(row.id, wanted.toSorted(), got.toSorted());
}

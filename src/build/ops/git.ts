import { parseGitContextRef, type GitContextRef } from "../../dockerfile/git-context-ref.ts";
import { errorMessage, SlipwayError } from "../../errors.ts";
import type { CopyRequest } from "../files/copy-request.ts";
import { walkTree } from "../files/source-tree.ts";
import { resolveCommit } from "../git/fetch-git.ts";
import { GitRemote, type GitAccess } from "../git/git-remote.ts";
import { openGitTree } from "../git/git-tree.ts";
import { cacheKeyOf, type OpHandler, type StepContext } from "../op-handler.ts";
import type { WebAccess } from "../web-access.ts";
import { openStepRoot, type RootSource } from "../step-root.ts";
import { placeInFile, type GitOp } from "../vertex.ts";

export interface GitParts extends RootSource {
  readonly scratchDir: string;
  readonly access: GitAccess;
  readonly web: WebAccess;
}

interface Source {
  readonly ref: GitContextRef;
  readonly remote: GitRemote;
  readonly commit: string;
}

/** ADD of a git repository. Keyed by the commit that its branch or tag names now, so the server is asked every time. */
export function gitHandler(parts: GitParts): OpHandler<GitOp> {
  const sources = new Map<string, Promise<Source>>();
  const resolveOnce = (op: GitOp, { signal }: StepContext): Promise<Source> => {
    const name = `${op.url}\n${op.checksum ?? ""}`;
    const known = sources.get(name);
    if (known !== undefined) return known;
    const source = resolve(parts, op, signal);
    sources.set(name, source);
    return source;
  };
  return {
    async cacheKey(op, _inputKeys, context) {
      const { ref, remote, commit } = await placedErrors(context, () => resolveOnce(op, context));
      return cacheKeyOf([
        { kind: "operation", name: "git", value: JSON.stringify(shapeOf(op, ref)) },
        { kind: "option", name: remote.url, value: commit },
      ]);
    },
    async exec(op, _inputs, context) {
      const { signal } = context;
      return await placedErrors(context, async () => {
        const { ref, remote, commit } = await resolveOnce(op, context);
        const { scratchDir } = parts;
        await using tree = await openGitTree(remote, ref, commit, {
          signal,
          scratchDir,
          keepGitDir: ref.keepGitDir ?? op.keepGitDir,
        });
        await using root = await openStepRoot(parts, undefined);
        await parts.files.run(copyAll(tree.path, root.path), { signal });
        return { snapshot: await root.commit() };
      });
    },
  };
}

/** What of the repository is taken, and how. */
function shapeOf(op: GitOp, { subdir, keepGitDir, submodules, mtime }: GitContextRef): unknown[] {
  const usual = [subdir ?? "", keepGitDir ?? op.keepGitDir];
  return submodules === undefined && mtime !== "commit" ? usual : [...usual, submodules, mtime];
}

async function resolve(parts: GitParts, op: GitOp, signal: AbortSignal): Promise<Source> {
  const ref = parseGitContextRef(op.url);
  if (ref === undefined) throw new SlipwayError("invalid_argument", "it names no git repository");
  const remote = new GitRemote(ref.remote, { ...parts.access, web: parts.web });
  const checksum = op.checksum ?? ref.checksum;
  const commit = await resolveCommit(
    remote,
    { ...ref, ...(checksum !== undefined && { checksum }) },
    { signal },
  );
  return { ref, remote, commit };
}

function copyAll(from: string, root: string): CopyRequest {
  const entries = walkTree({ root: from }, "").map(({ path, kind, linkTo }) => ({
    path,
    kind,
    ...(linkTo !== undefined && { linkTo }),
  }));
  const owner = { uid: 0, gid: 0 };
  return {
    kind: "copy",
    root,
    destination: "/",
    sources: [{ kind: "directory", from, entries }],
    owner,
    keepXattrs: false,
    existing: "replace",
  };
}

/** What goes wrong is said with the line that asked for the repository. */
async function placedErrors<T>({ vertex, signal }: StepContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) throw error;
    const place = placeInFile(vertex);
    const code = error instanceof SlipwayError ? error.code : "internal";
    throw new SlipwayError(code, `${place === undefined ? "" : `${place}: `}${errorMessage(error)}`, {
      cause: error,
    });
  }
}

import { posix } from "node:path";
import { splitPivot } from "../../src/build/files/select-parents.ts";
import type { BuildPlan, CopyOp, ExecMount, ExecOp, Op } from "../../src/build/vertex.ts";
import type { GoldenMount, GoldenOp, GoldenOwner } from "./dockerfile-row.ts";
import { canonical } from "./outcome.ts";

/**
 * What a plan does, a line for each thing done, sorted: the order of independent steps means nothing. Files of a
 * heredoc count as made first and copied then, as BuildKit does it.
 */
export function operations(plan: BuildPlan): readonly string[] {
  const lines = plan.vertices.flatMap(({ op }) => operationLines(op));
  return distinct(lines);
}

function operationLines(op: Op): readonly string[] {
  switch (op.kind) {
    case "image":
      return [line("image", imageName(op.reference))];
    case "download":
      return [line("download", op.url)];
    case "git":
      return [line("git", op.url)];
    case "mkdir":
      return [line("mkdir", op.path)];
    case "exec":
      return [...execFiles(op), line("exec", execOf(op))];
    case "copy":
      return copyLines(op);
  }
}

function line(kind: string, what: unknown): string {
  return `${kind} ${canonical(what)}`;
}

function execOf({ args, cwd, env, user, network, mounts }: ExecOp): object {
  return { args, cwd, env, user, network, mounts: byTarget(mounts.map(mountOf)) };
}

function execFiles({ mounts }: ExecOp): readonly string[] {
  return mounts.flatMap((mount) =>
    mount.type === "bind" && mount.files.from === "inline"
      ? mount.files.files.map(({ name, content, mode }) =>
          line("file", { path: `/${name}`, data: content, mode }),
        )
      : [],
  );
}

function mountOf(mount: ExecMount): Readonly<Record<string, unknown>> {
  switch (mount.type) {
    case "bind":
      return { type: "bind", target: mount.target, readOnly: !mount.readWrite };
    case "cache":
      return {
        type: "cache",
        target: mount.target,
        id: mount.id,
        sharing: mount.sharing,
        readOnly: mount.readOnly,
      };
    case "tmpfs":
      return { type: "tmpfs", target: mount.target, size: mount.size ?? 0 };
    case "ssh":
      return { type: "ssh", target: mount.target, readOnly: false };
    case "secret":
      return {
        type: "secret",
        target: mount.target,
        id: mount.id,
        required: mount.required,
        mode: mount.mode,
      };
  }
}

/** BuildKit mounts in the order of targets. */
function byTarget<T extends Readonly<Record<string, unknown>>>(mounts: readonly T[]): readonly T[] {
  return mounts.toSorted((a, b) => (String(a["target"]) < String(b["target"]) ? -1 : 1));
}

/** The recorder's registry knew no digests, and put a tag only where there was none. */
function imageName(reference: string): string {
  return reference.replace(/@.*/, "").replace(/:latest$/, "");
}

/** Sorted; the same file made twice is one operation in BuildKit. */
function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].toSorted();
}

function copyLines(op: CopyOp): readonly string[] {
  const { destination, chown, chmod, excludes, unpack } = op;
  const about = { destination, owner: owner(chown), mode: modeOf(chmod), excludes, unpack };
  const files = op.inline.map(({ name, content }) =>
    line("file", { path: `/${name}`, data: content, mode: 0o644 }),
  );
  const sources = [...op.sources, ...op.inline.map(({ name }) => `/${name}`)];
  if (op.keepsParents === true) return op.sources.map((source) => parentsLine(source, about));
  const downloaded = (op.downloads ?? []).map((file) =>
    line("copy", { ...about, unpack: file.unpack, source: `/${file.name}` }),
  );
  return [...files, ...downloaded, ...sources.map((source) => line("copy", { ...about, source }))];
}

function owner(chown: string | undefined): string | undefined {
  if (chown === undefined) return undefined;
  const [user = "", group] = chown.split(":");
  return `${user}:${group ?? ""}`;
}

function parentsLine(source: string, about: object): string {
  const { base, pattern } = splitPivot(source);
  return line("copy", { ...about, source: `/${base}`, include: [pattern] });
}

function modeOf(chmod: string | undefined): string | undefined {
  return chmod !== undefined && /^[0-7]+$/.test(chmod) ? String(Number.parseInt(chmod, 8)) : chmod;
}

/** The same lines of a recorded graph. */
export function recordedOperations(ops: readonly GoldenOp[]): readonly string[] {
  return distinct(ops.flatMap((op) => recordedLines(op)));
}

function recordedLines({ source, exec, file = [] }: GoldenOp): readonly string[] {
  if (source !== undefined) return sourceLines(source);
  if (exec !== undefined) {
    const { args, cwd, env, user, mounts = [] } = exec;
    const network = exec.network === "UNSET" ? "default" : exec.network.toLowerCase();
    return [
      line("exec", {
        args,
        cwd,
        env,
        user,
        network,
        mounts: byTarget(mounts.map((mount) => recordedMount(mount, cwd))),
      }),
    ];
  }
  return file.flatMap(({ mkdir, mkfile, copy }) => {
    // Without parents it is how an empty cache is made.
    if (mkdir !== undefined) return mkdir.parents ? [line("mkdir", mkdir.path)] : [];
    if (mkfile !== undefined) return [line("file", mkfile)];
    if (copy === undefined) return [];
    const mode = copy.modeStr !== "" ? copy.modeStr : copy.mode === -1 ? undefined : String(copy.mode);
    const about = { destination: copy.dest.replace(/\/\.$/, "/"), owner: recordedOwner(copy.owner), mode };
    const include = copy.include ?? undefined;
    const excludes = copy.exclude ?? [];
    return [line("copy", { ...about, excludes, include, unpack: copy.unpack, source: copy.src })];
  });
}

/** The context is no step of ours: the copies out of it are compared. */
function sourceLines(source: string): readonly string[] {
  if (source.startsWith("local://")) return [];
  const image = source.replace(/^docker-image:\/\//, "");
  return [image === source ? line("download", source) : line("image", imageName(image))];
}

function recordedOwner(
  owners: { readonly user?: GoldenOwner; readonly group?: GoldenOwner } | undefined,
): string | undefined {
  if (owners === undefined) return undefined;
  const name = (one: GoldenOwner | undefined): string =>
    String(one?.User.byName?.name ?? one?.User.byId ?? "");
  return `${name(owners.user)}:${name(owners.group)}`;
}

/** A target is relative to where the process starts; BuildKit resolves it when the step runs. */
function recordedMount(mount: GoldenMount, cwd: string): Readonly<Record<string, unknown>> {
  const target = posix.resolve(cwd, mount.dest ?? "");
  const readOnly = mount.readonly;
  switch (mount.type) {
    case "CACHE":
      return {
        type: "cache",
        target,
        id: mount.cacheId?.replace(/^\/(?=\/)/, ""),
        sharing: mount.sharing?.toLowerCase(),
        readOnly,
      };
    case "TMPFS":
      return { type: "tmpfs", target, size: mount.tmpfsSize };
    case "SECRET": {
      const { id, optional, mode } = mount.secret ?? {};
      return { type: "secret", target, id, required: optional !== true, mode };
    }
    default:
      return { type: mount.type.toLowerCase(), target, readOnly };
  }
}

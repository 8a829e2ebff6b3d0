import { SlipwayError } from "../errors.ts";
import { isOddFile, readInRoot } from "./read-in-root.ts";

/** Who a process runs as. `home` is the user's home in the container, `/` when nothing is known of the user. */
export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  readonly home: string;
}

export interface AccountFiles {
  /** text of /etc/passwd */
  readonly passwd: string;
  /** text of /etc/group */
  readonly group: string;
}

const maxFile = 8 << 20;
const maxId = 2147483647;

/** Reads the image's account files below its mounted root, never outside of it. A missing file is empty. */
export function readAccounts(root: string): AccountFiles {
  return {
    passwd: readInRoot(root, "etc/passwd", maxFile) ?? "",
    group: readInRoot(root, "etc/group", maxFile) ?? "",
  };
}

/**
 * As {@link readAccounts}, for a process that is about to start: the OCI runtimes read these files inside the container,
 * where a pipe or a device in their place would hold them up for ever. Throws `invalid_argument` for such a file.
 */
export function readAccountsToStart(root: string): AccountFiles {
  const odd = ["etc/passwd", "etc/group"].find((path) => isOddFile(root, path));
  if (odd === undefined) return readAccounts(root);
  const what = `/${odd} of the container is not a regular file, nor a link to one`;
  throw new SlipwayError("invalid_argument", `unable to find user: ${what}`);
}

/**
 * Resolves `--user` (`name`, `uid`, `name:group`, `uid:gid`; empty: root) and `--group-add` by the image's own
 * files, by Docker's rules: a number needs no entry; without a group the user's groups come along. Throws
 * `invalid_argument` in Docker's words.
 */
export function resolveUser(spec: string, groupAdd: readonly string[], files: AccountFiles): ResolvedUser {
  const [userArg = "", groupArg = ""] = spec.split(":", 2);
  const groups = parseGroups(files.group);
  const user = findUser(userArg, files.passwd);
  const additional = new Set<number>();
  let gid = user.gid;
  if (groupArg !== "")
    gid = findGroup(groupArg, groups, `unable to find group ${groupArg}: no matching entries in group file`);
  else
    for (const each of groups)
      if (user.name !== "" && each.members.includes(user.name)) additional.add(each.gid);
  for (const name of groupAdd)
    additional.add(
      findGroup(name, groups, `Unable to find group ${name}: no matching entries in group file`),
    );
  // Its own group is among them: without it a process could leave the group, and pass what keeps that group out.
  return {
    uid: user.uid,
    gid,
    additionalGids: [gid, ...[...additional].filter((each) => each !== gid)],
    home: user.home,
  };
}

interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

function findUser(wanted: string, passwd: string): User {
  const users = parseUsers(passwd);
  const found = users.find((user) =>
    wanted === "" ? user.uid === 0 : user.name === wanted || String(user.uid) === wanted,
  );
  if (found !== undefined) return found;
  if (wanted === "") return { name: "", uid: 0, gid: 0, home: "/" };
  const uid = numeric(wanted);
  if (uid === undefined) {
    throw new SlipwayError(
      "invalid_argument",
      `unable to find user ${wanted}: no matching entries in passwd file`,
    );
  }
  return { name: "", uid, gid: 0, home: "/" };
}

function findGroup(wanted: string, groups: readonly Group[], notFound: string): number {
  const found = groups.find((group) => group.name === wanted || String(group.gid) === wanted);
  if (found !== undefined) return found.gid;
  const gid = numeric(wanted);
  if (gid === undefined) throw new SlipwayError("invalid_argument", notFound);
  return gid;
}

/** undefined for what is no number. */
function numeric(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  if (value >= 0 && value <= maxId) return value;
  throw new SlipwayError("invalid_argument", `uids and gids must be in range 0-${maxId}`);
}

function fieldsOf(text: string): string[][] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(":"));
}

function parseUsers(passwd: string): User[] {
  return fieldsOf(passwd).map(([name = "", , uid = "", gid = "", , home = ""]) => ({
    name,
    uid: idOf(uid),
    gid: idOf(gid),
    home: home === "" ? "/" : home,
  }));
}

function parseGroups(group: string): Group[] {
  return fieldsOf(group).map(([name = "", , gid = "", members = ""]) => ({
    name,
    gid: idOf(gid),
    members: members.split(",").filter((member) => member !== ""),
  }));
}

/** As Docker reads them: what is no number is 0. */
function idOf(text: string): number {
  return /^\d{1,10}$/.test(text) ? Math.min(Number(text), maxId) : 0;
}

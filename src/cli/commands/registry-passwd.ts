import { chown, readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ask, readLine } from "../ask.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "registry passwd [OPTIONS] FILE USER",
  summary: "Set the password of a user in the htpasswd file of a registry; a running one sees it",
  flags: {
    delete: bool("Take the user out of the file", { short: "d" }),
    "password-stdin": bool("Take the password from stdin"),
  },
  args: arity.exactly(2),
  async run({ flags, args: [file = "", user = ""] }, context) {
    const [{ setHtpasswd }, { hashBcrypt }, { atomicWrite }] = await Promise.all([
      import("../../registry/server/htpasswd.ts"),
      import("../../platform/password.ts"),
      import("../../internal/atomic-write.ts"),
    ]);
    const path = resolve(file);
    const old = await stat(path).catch(() => undefined);
    const before = old === undefined ? "" : await readFile(path, "utf8");
    const hash = flags.delete ? undefined : await hashBcrypt(await newPassword(flags, context));
    const after = setHtpasswd(before, user, hash);
    if (flags.delete && after === before) throw new ExitError(1, `No user "${user}" in ${file}`);
    await atomicWrite(path, after, old === undefined ? 0o600 : old.mode & 0o777);
    // Whoever the registry runs as can read it as before.
    if (old !== undefined) await chown(path, old.uid, old.gid);
    return 0;
  },
});

async function newPassword(flags: { "password-stdin": boolean }, context: CliContext): Promise<string> {
  if (!flags["password-stdin"] && !context.stdin.isTTY)
    throw new ExitError(1, "Error: cannot ask for a password without a terminal; use --password-stdin");
  const password = flags["password-stdin"]
    ? await readLine(context.stdin)
    : await ask(context, "New password: ", true);
  if (password === "") throw new ExitError(1, "Error: the password must not be empty");
  if (!flags["password-stdin"] && (await ask(context, "Again: ", true)) !== password)
    throw new ExitError(1, "Error: the two passwords differ");
  return password;
}

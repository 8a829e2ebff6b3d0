import { SlipwayError } from "../../errors.ts";

/** `user:bcrypt-hash` lines. Throws `invalid_argument` for another kind of hash, with its line number. */
export function parseHtpasswd(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const hash = line.slice(colon + 1).trim();
    if (colon < 1 || !/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash))
      throw new SlipwayError(
        "invalid_argument",
        `Line ${index + 1} of the htpasswd file is no user with a bcrypt hash`,
      );
    entries.set(line.slice(0, colon), hash);
  }
  return entries;
}

/**
 * The text of an htpasswd file in which `user` has this bcrypt hash, or is not when it is undefined. All other lines
 * stay as they are. Throws `invalid_argument` for a name that a line cannot hold.
 */
export function setHtpasswd(text: string, user: string, hash: string | undefined): string {
  if (user === "" || user.startsWith("#") || /[:\0\r\n]|^\s|\s$/.test(user))
    throw new SlipwayError("invalid_argument", `Invalid user name ${JSON.stringify(user)}`);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const at = lines.findIndex((line) => line.startsWith(`${user}:`));
  const wanted = hash === undefined ? [] : [`${user}:${hash}`];
  lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, ...wanted);
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * The permission bits `mode` after chmod's symbolic or octal `change`: `u=rwX,go=rX`, `+x`, `0755` (chmod(1), with
 * umask 0).
 */
export function changeMode(mode: number, change: string, isDirectory: boolean): number {
  if (/^[0-7]+$/.test(change)) return Number.parseInt(change, 8);
  let result = mode;
  for (const clause of change.split(",")) {
    const who = /^[ugoa]*/.exec(clause)?.[0] ?? "";
    for (const [, action, letters] of clause.slice(who.length).matchAll(/([-+=])([ugo]|[rwxXst]*)/g)) {
      const mask = whoMask(who);
      const bits = permissionBits(letters ?? "", result, isDirectory) & mask;
      if (action === "+") result |= bits;
      else if (action === "-") result &= ~bits;
      else result = (result & ~(mask & ~keptBits(isDirectory))) | bits;
    }
  }
  return result & 0o7777;
}

/** chmod(1) keeps a directory's setuid and setgid bits on `=`. */
function keptBits(isDirectory: boolean): number {
  return isDirectory ? 0o6000 : 0;
}

function whoMask(who: string): number {
  if (who === "" || who.includes("a")) return 0o7777;
  let mask = 0;
  if (who.includes("u")) mask |= 0o4700;
  if (who.includes("g")) mask |= 0o2070;
  if (who.includes("o")) mask |= 0o1007;
  return mask;
}

function permissionBits(letters: string, mode: number, isDirectory: boolean): number {
  const copied = { u: mode >> 6, g: mode >> 3, o: mode }[letters];
  if (copied !== undefined) return (copied & 7) * 0o111;
  let bits = 0;
  for (const letter of letters) {
    if (letter === "r") bits |= 0o444;
    if (letter === "w") bits |= 0o222;
    if (letter === "x" || (letter === "X" && (isDirectory || (mode & 0o111) !== 0))) bits |= 0o111;
    if (letter === "s") bits |= 0o6000;
    if (letter === "t") bits |= 0o1000;
  }
  return bits;
}

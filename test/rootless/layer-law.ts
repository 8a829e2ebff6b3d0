/**
 * `bun layer-law.ts DIRECTORY`, in a user namespace: unpacks what was packed of a tree of everything a user can make,
 * and prints what packing gave before and after, as JSON.
 */
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryContentStore } from "../../src/content/memory-content-store.ts";
import { OverlayDiffer } from "../../src/layer/overlay-differ.ts";
import { makeOpaque, makeWhiteout } from "../../src/layer/overlay-marks.ts";
import { chmodAt, chownAt, makeNodeAt, setTimesAt } from "../../src/platform/dir-at.ts";
import { AT_FDCWD } from "../../src/platform/fd.ts";
import { S_IFBLK, S_IFIFO } from "../../src/platform/stat.ts";
import { setXattr } from "../../src/platform/xattr.ts";

const base = process.argv[2] ?? "";
const [from, to] = [join(base, "from"), join(base, "to")];
mkdirSync(from);
mkdirSync(to);
makeTree(from);
const store = new MemoryContentStore();
await using differ = new OverlayDiffer({ store });
const bind = (source: string) => [{ type: "bind", source, options: ["rbind", "rw", "userxattr"] }];
const packed = await differ.compare(bind(from), { compression: "gzip" });
const applied = await differ.apply(packed.layer, store, bind(to));
const again = await differ.compare(bind(to), { compression: "gzip" });
console.log(JSON.stringify({ packed, applied, again, devices: canMakeDevices(), trusted: canSetTrusted() }));

function makeTree(root: string): void {
  const at = (name: string) => join(root, name);
  mkdirSync(at("dir/empty"), { recursive: true });
  writeFileSync(at("dir/file"), "content");
  linkSync(at("dir/file"), at("dir/hard"));
  symlinkSync("../nowhere", at("dir/soft"));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/not-utf8-`), Buffer.from([0xff, 0xfe])]), "bytes");
  writeFileSync(at("n".repeat(255)), "long");
  makeNodeAt(AT_FDCWD, at("fifo"), S_IFIFO | 0o644, 0, 0);
  makeWhiteout(AT_FDCWD, at("whiteout"));
  mkdirSync(at("opaque"));
  makeOpaque(AT_FDCWD, at("opaque"), "user");
  writeFileSync(at("sparse"), "start");
  truncateSync(at("sparse"), 40 << 20);
  writeFileSync(at("large"), Buffer.alloc(3_000_001, "large"));
  chownAt(AT_FDCWD, at("large"), 65_535, 1000);
  setXattr(AT_FDCWD, at("large"), "user.bytes", Uint8Array.from([0, 10, 255, 61]));
  const acl = "0200000001000700ffffffff02000500e803000004000500ffffffff10000700ffffffff20000500ffffffff";
  setXattr(AT_FDCWD, at("large"), "system.posix_acl_access", Buffer.from(acl, "hex"));
  setXattr(AT_FDCWD, at("dir"), "system.posix_acl_default", Buffer.from(acl, "hex"));
  const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
  setXattr(AT_FDCWD, at("dir/file"), "security.capability", capability);
  writeFileSync(at("setuid"), "");
  chmodAt(AT_FDCWD, at("setuid"), 0o6755);
  mkdirSync(at("sticky"));
  chmodAt(AT_FDCWD, at("sticky"), 0o3777);
  setTimesAt(AT_FDCWD, at("setuid"), 0n, -86_400_000_000_001n);
  setTimesAt(AT_FDCWD, at("dir/file"), 0n, 1_234_567_890_987_654_321n);
  setTimesAt(AT_FDCWD, at("dir"), 0n, 999_999_999n);
}

/** What root may do and a user may not, to be sure that this is one. */
function canMakeDevices(): boolean {
  return works(() => makeNodeAt(AT_FDCWD, join(base, "block"), S_IFBLK | 0o600, 7, 1000));
}

function canSetTrusted(): boolean {
  return works(() => setXattr(AT_FDCWD, base, "trusted.thing", Buffer.from("t")));
}

function works(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

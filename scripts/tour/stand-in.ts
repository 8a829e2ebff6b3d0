import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/**
 * Lays out, in `directory`, a build context for an image that has what the guide's Dockerfile needs of
 * `node:20-alpine`: this machine's Node with its libraries, npm, and busybox for a shell.
 */
export function standInContext(directory: string): void {
  const root = join(directory, "rootfs");
  for (const path of ["bin", "etc", "tmp", "root", "usr/bin", "usr/lib/node_modules"])
    mkdirSync(join(root, path), { recursive: true });
  const node = realpathSync(process.env["TOUR_NODE"] ?? which("node"));
  copyFileSync(node, join(root, "usr/bin/node"));
  for (const library of librariesOf(node)) copyInto(root, library);
  for (const library of resolverLibraries()) copyInto(root, library);
  copyNpm(root);
  copyInto(root, realpathSync(which("busybox")), "/bin/busybox");
  for (const applet of ["sh", "env", "ls", "cat", "mkdir", "rm", "cp", "mv", "uname", "id"]) {
    symlinkSync("busybox", join(root, "bin", applet));
  }
  symlinkSync("/bin/env", join(root, "usr/bin/env"));
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(root, "etc/group"), "root:x:0:\n");
  writeFileSync(join(root, "etc/nsswitch.conf"), "hosts: files dns\n");
  writeFileSync(
    join(directory, "Dockerfile"),
    'FROM scratch\nCOPY rootfs/ /\nENV PATH=/usr/bin:/bin\nCMD ["node"]\n',
  );
}

function which(program: string): string {
  return execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
}

/** What the dynamic linker loads, itself included. */
function librariesOf(program: string): string[] {
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...listed.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
}

/** glibc loads these by name, when a host name is looked up. */
function resolverLibraries(): string[] {
  const listed = execFileSync("sh", ["-c", "/sbin/ldconfig -p || ldconfig -p"], { encoding: "utf8" });
  return [...listed.matchAll(/libnss_(?:dns|files)\.so\.2 .*=> (\S+)/g)].map((match) => match[1] ?? "");
}

function copyInto(root: string, source: string, target = source): void {
  mkdirSync(dirname(join(root, target)), { recursive: true });
  copyFileSync(realpathSync(source), join(root, target));
}

function copyNpm(root: string): void {
  const npm = dirname(dirname(realpathSync(which("npm"))));
  if (!existsSync(join(npm, "bin/npm-cli.js"))) throw new Error(`Cannot find npm's files: looked in ${npm}`);
  cpSync(npm, join(root, "usr/lib/node_modules/npm"), { recursive: true, dereference: true });
  symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/bin/npm"));
}

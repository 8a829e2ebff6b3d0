/** A user made for a test, with a copy of this program that it can read. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { until } from "../until.ts";

const repository = resolve(import.meta.dir, "../..");
const programs = ["useradd", "userdel", "newuidmap", "newgidmap", "setpriv", "nsenter", "unshare"];

/** Why such a user cannot be made here; undefined: it can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "it needs root, to make a user";
  const missing = programs.find((name) => Bun.which(name, { PATH: searchPath }) === null);
  if (missing !== undefined) return `${missing} is missing`;
  const said = probe();
  return said === undefined ? undefined : `the kernel does not let a user mount overlays: ${said}`;
}

/** An overlay in a user namespace that nobody in particular makes. What is said when that fails. */
function probe(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "slipway-probe-"));
  try {
    const parts = ["lower", "upper", "work", "merged"].map((name) => join(directory, name));
    for (const path of [directory, ...parts]) {
      mkdirSync(path, { recursive: true });
      chownSync(path, 65534, 65534);
    }
    const [lower, upper, work, merged] = parts;
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work},userxattr`;
    const as = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--"];
    const inside = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "overlay"];
    const words = [...as, ...inside, "overlay", "-o", options, merged ?? ""];
    const ran = spawnSync("setpriv", words, { encoding: "utf8", env: { PATH: searchPath } });
    return ran.status === 0 ? undefined : ran.stderr.trim();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const searchPath = `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin:/usr/bin:/bin`;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Dispose ends its engine and containers and removes it with everything it has. */
export class TestUser implements AsyncDisposable {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly directory: string;
  readonly runDirectory: string;

  private constructor(name: string, directory: string) {
    this.name = name;
    this.directory = directory;
    this.runDirectory = join(directory, "run");
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((each) => each.startsWith(`${name}:`));
    const [, , uid, gid] = (line ?? "").split(":");
    this.uid = Number(uid);
    this.gid = Number(gid);
  }

  static make(): TestUser {
    const directory = mkdtempSync(join(tmpdir(), "slipway-user-"));
    chmodSync(directory, 0o755);
    const name = `slw${process.pid}`;
    must("useradd", ["--create-home", "--home-dir", join(directory, "home"), "--shell", "/bin/sh", name]);
    if (!/^slw/m.test(readFileSync("/etc/subuid", "utf8"))) {
      must("usermod", ["--add-subuids", "300000-365535", "--add-subgids", "300000-365535", name]);
    }
    const user = new TestUser(name, directory);
    user.#install();
    return user;
  }

  /** The directory of the program may be closed to other users. */
  #install(): void {
    const program = join(this.directory, "program");
    mkdirSync(program);
    for (const part of ["src", "package.json"])
      cpSync(join(repository, part), join(program, part), { recursive: true });
    cpSync(process.execPath, join(program, "bun"));
    must("chmod", ["-R", "a+rX", program]);
    mkdirSync(this.runDirectory, { mode: 0o700 });
    chownSync(this.runDirectory, this.uid, this.gid);
  }

  get root(): string {
    return join(this.directory, "home/.local/share/slipway");
  }

  /** Process ID of the engine. */
  get engine(): number {
    return Number(readFileSync(join(this.root, "lock"), "utf8"));
  }

  async run(...args: string[]): Promise<Ran> {
    const program = join(this.directory, "program");
    const as = ["--reuid", String(this.uid), "--regid", String(this.gid), "--clear-groups", "--"];
    const child = Bun.spawn(
      ["setpriv", ...as, join(program, "bun"), join(program, "src/cli/bin.ts"), ...args],
      {
        cwd: this.directory,
        env: { PATH: searchPath, HOME: join(this.directory, "home"), XDG_RUNTIME_DIR: this.runDirectory },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    return { code, stdout, stderr };
  }

  /** What a command prints when all goes well. */
  async out(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`slipway ${args.join(" ")}: exit code ${code}: ${stderr}`);
    return stdout.trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { code, stderr } = await this.run("system", "uninstall", "-f", "--data");
    await until(() => this.processes().length === 0, 10_000).catch(() => undefined);
    const left = this.processes();
    for (const pid of left) process.kill(pid, "SIGKILL");
    spawnSync("userdel", ["--force", "--remove", this.name], { env: { PATH: searchPath } });
    rmSync(this.directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`uninstall: ${stderr}`);
    if (left.length > 0) throw new Error(`processes left: ${left.join(" ")}`);
  }

  /** Everything that runs as the user. */
  processes(): number[] {
    const { stdout } = spawnSync("ps", ["-o", "pid=", "-u", String(this.uid)], { encoding: "utf8" });
    return stdout
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0);
  }
}

function must(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", env: { PATH: searchPath } });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

/** Lets everybody open /dev/net/tun, and puts it back. */
export function openTun(): Disposable | undefined {
  const path = "/dev/net/tun";
  if (!existsSync(path)) return undefined;
  const mode = statSync(path).mode & 0o7777;
  // Open already, by another run of these tests perhaps, which puts it back.
  if ((mode & 0o006) === 0o006) return { [Symbol.dispose]: () => undefined };
  chmodSync(path, 0o666);
  return { [Symbol.dispose]: () => chmodSync(path, mode) };
}

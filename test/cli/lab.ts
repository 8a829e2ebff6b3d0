/** The command line as a user has it: processes, an engine on a root of its own that the first command starts. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { engineConfig, noEngineFlags } from "../../src/cli/engine-config.ts";
import type { EngineConfig } from "../../src/engine/config.ts";
import { Terminal } from "./terminal.ts";

const bin = resolve(import.meta.dir, "../../src/cli/bin.ts");

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Dispose ends engine and containers and takes everything of the root away; then it looks for what is left. */
export class Lab implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "slipway-cli-"));
  readonly root = join(this.directory, "root");
  readonly env: Record<string, string> = {
    ...(process.env as Record<string, string>),
    SLIPWAY_ROOT: this.root,
    SLIPWAY_SOCKET: join(this.directory, "s.sock"),
    DOCKER_CONFIG: join(this.directory, "docker"),
    TERM: "xterm",
  };

  /** With `busybox:latest`, made by `build`. Needs root. */
  static async open(): Promise<Lab> {
    const lab = new Lab();
    const context = join(lab.directory, "busybox");
    mkdirSync(context);
    copyFileSync("/bin/busybox", join(context, "busybox"));
    const steps = ["FROM scratch", "COPY busybox /bin/", 'RUN ["/bin/busybox", "--install", "-s", "/bin"]'];
    writeFileSync(join(context, "Dockerfile"), `${steps.join("\n")}\nCMD ["sh"]\n`);
    const { code, stderr } = await lab.run(["build", "-q", "-t", "busybox", context]);
    if (code === 0) return lab;
    await lab[Symbol.asyncDispose]();
    throw new Error(`Cannot build busybox: ${stderr}`);
  }

  get config(): EngineConfig {
    return engineConfig({ ...noEngineFlags, root: this.root, env: this.env, warn: () => {} });
  }

  /** A directory with these files. */
  files(files: Readonly<Record<string, string>>): string {
    const directory = mkdtempSync(join(this.directory, "files-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(resolve(directory, name, ".."), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return directory;
  }

  spawn(args: readonly string[], stdin: string | Uint8Array | undefined = undefined) {
    return Bun.spawn([process.execPath, bin, ...args], {
      env: this.env,
      cwd: this.directory,
      stdin: stdin === undefined ? "ignore" : Buffer.from(stdin),
      stdout: "pipe",
      stderr: "pipe",
    });
  }

  async run(args: readonly string[], stdin?: string | Uint8Array): Promise<Ran> {
    const child = this.spawn(args, stdin);
    const [stdout, stderr, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    return { code, stdout, stderr };
  }

  /** What a command prints when all goes well. */
  async out(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`slipway ${args.join(" ")}: exit code ${code}: ${stderr}`);
    return stdout.trimEnd();
  }

  terminal(args: readonly string[]): Terminal {
    return new Terminal([process.execPath, bin, ...args], this.env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { config } = this;
    const { stdout } = await this.run(["ps", "-aq"]);
    const ids = stdout.split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.run(["rm", "-f", ...ids]);
    const { code, stderr } = await this.run(["system", "uninstall", "-f", "--data"]);
    rmSync(this.directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`uninstall: ${stderr}`);
    const left = leftBehind(config);
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  }
}

function leftBehind({ root, runDirectory, bridge, nftTable }: EngineConfig): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${runDirectory}/`) || line.includes(` ${root}/`));
  const table = Bun.spawnSync(["nft", "list", "table", "inet", nftTable ?? ""]);
  return [
    ...mounts,
    ...[root, runDirectory, `/sys/class/net/${bridge}`].filter((path) => existsSync(path)),
    ...(table.exitCode === 0 ? [`nft table ${nftTable}`] : []),
  ];
}

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { commandOutput, runCommand } from "../internal/run-command.ts";
import { setNetSysctl } from "./sysctl.ts";

/**
 * The network namespace where bridges, host ends of links, rules and the name server are: the engine's own, or another
 * one, which commands enter.
 */
export class Home {
  readonly #netns: string | undefined;

  /** `netns`: path of the namespace; undefined: this process's. */
  constructor(netns?: string) {
    this.#netns = netns;
  }

  /** A namespace of its own has its loopback link down at first. */
  async bringUpLoopback(): Promise<void> {
    if (this.#netns !== undefined) await this.ip("link set lo up\n");
  }

  /** The command line that runs `argv` there. */
  command(argv: readonly string[]): readonly string[] {
    return this.#netns === undefined ? argv : ["nsenter", `--net=${this.#netns}`, ...argv];
  }

  async linkExists(link: string): Promise<boolean> {
    if (this.#netns === undefined) return existsSync(`/sys/class/net/${link}`);
    return (await runCommand(this.command(["ip", "link", "show", "dev", link]))).code === 0;
  }

  /** The links plugged into a bridge; undefined when it is none. */
  async plugged(bridge: string): Promise<readonly string[] | undefined> {
    if (this.#netns === undefined)
      return await readdir(`/sys/class/net/${bridge}/brif`).catch(() => undefined);
    const { stdout } = await runCommand(
      this.command(["ip", "-o", "link", "show", "dev", bridge, "type", "bridge"]),
    );
    if (stdout.trim() === "") return undefined;
    const members = await commandOutput(this.command(["ip", "-o", "link", "show", "master", bridge]));
    return members.split("\n").filter((line) => line !== "");
  }

  /** Sets `/proc/sys/net/<name>`. Throws `forbidden` or `internal` when that is refused. */
  async setSysctl(name: string, value: string): Promise<void> {
    if (this.#netns === undefined) return await setNetSysctl(name, value);
    // The file shows the namespace of who opens it.
    await commandOutput(this.command(["sh", "-c", 'echo "$2" > "/proc/sys/net/$1"', "sysctl", name, value]));
  }

  /** Runs `ip -batch` text; the first line that fails ends it. */
  async ip(commands: string): Promise<void> {
    await commandOutput(this.command(["ip", "-batch", "-"]), { input: commands });
  }
}

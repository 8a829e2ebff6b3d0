import { join } from "node:path";
import type { ExitPlaces } from "./exit-watch.ts";

/** Where the tasks of one engine keep what conmon and the runtime write. All of it may be lost at a reboot. */
export class TaskPaths implements ExitPlaces {
  /** The runtime's own state (`--root`). */
  readonly runtimeRoot: string;
  /** State of foreground runs: whatever is there at a start was left by a crash. */
  readonly foregroundRoot: string;
  /** conmon writes a file named by the container's ID, holding its exit code. */
  readonly directory: string;
  /** Compiled seccomp profiles. */
  readonly seccomp: string;
  /** One directory a task. */
  readonly tasks: string;

  constructor(runDir: string) {
    this.runtimeRoot = join(runDir, "runtime");
    this.foregroundRoot = join(runDir, "foreground");
    this.seccomp = join(runDir, "seccomp");
    this.directory = join(runDir, "exits");
    this.tasks = join(runDir, "tasks");
  }

  task(id: string): string {
    return join(this.tasks, id);
  }

  pidFile(id: string): string {
    return join(this.tasks, id, "pid");
  }

  conmonPidFile(id: string): string {
    return join(this.tasks, id, "conmon.pid");
  }

  /** Path of the runtime that made the task: another one cannot read its state. */
  runtimeFile(id: string): string {
    return join(this.tasks, id, "runtime");
  }

  exitFile(id: string): string {
    return join(this.directory, id);
  }

  /** conmon makes it when the kernel killed a process of the container for want of memory. */
  oomFile(id: string): string {
    return join(this.tasks, id, "oom");
  }

  /** All directories that must exist before the first task. */
  shared(): readonly string[] {
    return [this.runtimeRoot, this.foregroundRoot, this.directory, this.tasks];
  }
}

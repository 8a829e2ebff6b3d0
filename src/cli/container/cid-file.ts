import { closeSync, existsSync, openSync, rmSync, writeSync } from "node:fs";
import { ExitError } from "../command.ts";
import { fileError } from "../files.ts";

/** The file of `--cidfile`. Dispose removes it when no ID was written (idempotent). */
export interface CidFile extends Disposable {
  write(id: string): void;
}

/** Makes the file before the container, so that none is made when it cannot be. Throws in Docker's words. */
export function openCidFile(path: string): CidFile {
  if (existsSync(path)) {
    const advice = `make sure the other container isn't running or delete ${path}`;
    throw new ExitError(125, `slipway: container ID file found, ${advice}`);
  }
  const fd = create(path);
  let state: "empty" | "written" | "closed" = "empty";
  return {
    write: (id) => {
      writeSync(fd, id);
      state = "written";
    },
    [Symbol.dispose]: () => {
      if (state === "closed") return;
      closeSync(fd);
      if (state === "empty") rmSync(path, { force: true });
      state = "closed";
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, "wx", 0o644);
  } catch (error) {
    const why = fileError("open", path, error).message;
    throw new ExitError(125, `slipway: failed to create the container ID file: ${why}`, { cause: error });
  }
}

import { accessSync, constants } from "node:fs";
import { join } from "node:path";

const always = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Every program of that name, in the order of $PATH, then the system's directories. */
export function findPrograms(name: string): string[] {
  const directories = new Set([...(process.env["PATH"] ?? "").split(":").filter(Boolean), ...always]);
  return [...directories].map((directory) => join(directory, name)).filter(isExecutable);
}

export function findProgram(name: string): string | undefined {
  return findPrograms(name)[0];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Program and first arguments that run this program again: the executable, or Bun and the source file. */
export function ownCommand(): string[] {
  const [program = "", script = ""] = process.argv;
  return script.startsWith("/$bunfs/") ? [process.execPath] : [program, script];
}

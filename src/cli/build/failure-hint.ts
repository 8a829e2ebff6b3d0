/** What may help with a build's error whose words are Docker's; undefined when they say it all. Pure. */
export function failureHint(message: string): string | undefined {
  if (message.endsWith("no build stage in current context"))
    return "a Dockerfile begins with FROM; nothing but ARG and comments may stand above it";
  if (/parse error on line (?!1:)\d+: unknown instruction: \S+$/.test(message))
    return "does the line above end in a backslash?";
  if (/exec format error/i.test(message))
    return "the program is for another processor: build with --platform, or install its emulator (binfmt_misc)";
  return undefined;
}

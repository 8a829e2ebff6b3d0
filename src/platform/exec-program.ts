/** execve(2): this process becomes another program. On Node a native addon stands in, or a child that is waited for. */
import { ptr } from "bun:ffi";
import { cString, libc } from "./libc.ts";
import { cName, syscallError } from "./syscall-error.ts";

const c = libc({ execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" } });

/** Never returns. `path` is absolute, `args` begin with the program's name. Throws a `SyscallError`. */
export function execProgram(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): never {
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const [argv, envp] = [vector(args), vector(variables)];
  c.execve(cName(path), argv.pointers, envp.pointers);
  throw syscallError("execve", path);
}

/** A NULL-terminated array of strings; `strings` keeps them from the garbage collector. */
function vector(words: readonly string[]): { pointers: BigUint64Array; strings: Uint8Array[] } {
  const strings = words.map((word) => cString(word));
  return { strings, pointers: new BigUint64Array([...strings.map((each) => BigInt(ptr(each))), 0n]) };
}

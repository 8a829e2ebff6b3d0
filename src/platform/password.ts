/** Password hashes. On Node the `bcrypt` package stands in. */

/** Whether `password` is the one behind the bcrypt `hash` (`$2a$`, `$2b$` or `$2y$`, as htpasswd -B writes it). */
export async function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  const known = hash.replace(/^\$2y\$/, "$2b$");
  try {
    return await Bun.password.verify(password, known, "bcrypt");
  } catch {
    return false;
  }
}

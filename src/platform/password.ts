/** Password hashes. On Node the `bcrypt` package stands in. */

/** The bcrypt hash of `password`, as `htpasswd -B -C 10` writes it. */
export async function hashBcrypt(password: string): Promise<string> {
  const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 10 });
  return hash.replace(/^\$2b\$/, "$2y$");
}

/** Whether `password` is the one behind the bcrypt `hash` (`$2a$`, `$2b$` or `$2y$`, as htpasswd -B writes it). */
export async function verifyBcrypt(password: string, hash: string): Promise<boolean> {
  const known = hash.replace(/^\$2y\$/, "$2b$");
  try {
    return await Bun.password.verify(password, known, "bcrypt");
  } catch {
    return false;
  }
}

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Makes an authority `NAME.pem`, `NAME.key` in `directory`, with openssl. For tests. */
export async function makeAuthority(directory: string, name: string): Promise<Certificate> {
  const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  const subject = ["-subj", `/CN=${name}`, "-days", "2"];
  await openssl(["req", "-x509", ...newKey(key), "-out", cert, ...subject]);
  return { cert, key };
}

/** A certificate for 127.0.0.1, or a client, signed by `authority`. */
export async function makeCertificate(
  directory: string,
  name: string,
  authority: Certificate,
): Promise<Certificate> {
  const [cert, key] = [join(directory, `${name}.pem`), join(directory, `${name}.key`)];
  const request = join(directory, `${name}.csr`);
  await openssl(["req", ...newKey(key), "-out", request, "-subj", `/CN=${name}`]);
  await writeFile(join(directory, "san"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const signer = ["-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial", "-days", "2"];
  await openssl([
    "x509",
    "-req",
    "-in",
    request,
    "-out",
    cert,
    ...signer,
    "-extfile",
    join(directory, "san"),
  ]);
  return { cert, key };
}

export async function readPem({ cert, key }: Certificate): Promise<{ cert: string; key: string }> {
  return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
}

function newKey(path: string): string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path];
}

async function openssl(args: string[]): Promise<void> {
  const child = Bun.spawn(["openssl", ...args], { stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(await new Response(child.stderr).text());
}

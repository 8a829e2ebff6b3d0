import { existsSync } from "node:fs";

/** Where the bundle appears: in /dev, which is a tmpfs of the container, so that no mount point stays in a layer. */
export const hostCAPath = "/dev/slipway/host-ca.crt";

/** The host's bundles, as distributions place them. */
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** What programs read for trusted certificates: OpenSSL, Node, curl, Python's requests, pip, Git, Cargo, AWS, Deno. */
const variables = [
  "SSL_CERT_FILE",
  "NODE_EXTRA_CA_CERTS",
  "CURL_CA_BUNDLE",
  "REQUESTS_CA_BUNDLE",
  "PIP_CERT",
  "GIT_SSL_CAINFO",
  "CARGO_HTTP_CAINFO",
  "AWS_CA_BUNDLE",
  "DENO_CERT",
];

/** Environment and mount that make one process trust what the host trusts. */
export interface HostCA {
  /** `NAME=value`; a variable that the process sets itself is left out. */
  readonly env: readonly string[];
  readonly mount: {
    readonly destination: string;
    readonly type: "bind";
    readonly source: string;
    readonly options: readonly string[];
  };
}

/** What to add for a process with `env` so that it uses the bundle at `path` of the host. Nothing stays in an image. */
export function useHostCA(path: string, env: readonly string[]): HostCA {
  const own = new Set(env.map((line) => line.split("=", 1)[0]));
  return {
    env: variables.filter((name) => !own.has(name)).map((name) => `${name}=${hostCAPath}`),
    mount: { destination: hostCAPath, type: "bind", source: path, options: ["rbind", "ro"] },
  };
}

/** The host's CA bundle: `configured`, or the first of the usual places. Undefined when there is none. */
export function findHostCA(configured?: string): string | undefined {
  return [...(configured === undefined ? [] : [configured]), ...bundles].find((path) => existsSync(path));
}

import { readFile } from "node:fs/promises";
import type { ProxyConfig, UpstreamConfig } from "../../registry/server/config/server-config.ts";
import type { FindUpstream, Upstream } from "../../registry/server/proxy/upstream.ts";
import { programVersion } from "../version.ts";

const keptRepositories = 256;

/** Repositories of the upstreams of a registry's configuration; undefined when it has none. */
export async function findUpstreams(
  config: ProxyConfig | undefined,
  env: NodeJS.ProcessEnv,
): Promise<FindUpstream | undefined> {
  if (config === undefined || config.upstreams.length === 0) return undefined;
  const [{ openRepository }, { matchUpstream }, { takeProxyEnvironment }, { parseReference }] =
    await Promise.all([
      import("../../registry/client/repository.ts"),
      import("../../registry/server/proxy/upstream.ts"),
      import("../../registry/client/proxy-environment.ts"),
      import("../../oci/reference.ts"),
    ]);
  const proxy = takeProxyEnvironment(env);
  const caFile = env["SSL_CERT_FILE"] ?? env["NODE_EXTRA_CA_CERTS"];
  const open = (rule: UpstreamConfig, path: string): Upstream =>
    openRepository(parseReference(`${rule.registry}/${path}`), {
      proxy,
      credentials: () => credentials(rule),
      insecureRegistries: rule.insecure === true ? [rule.registry] : [],
      // Clients wait: what the cache has is better than a third try.
      retry: { attempts: 2, maxWaitMs: 2000 },
      stallMs: 15_000,
      userAgent: `slipway/${programVersion}`,
      ...(caFile !== undefined && caFile !== "" && { caFile }),
    });
  const opened = new Map<string, Upstream>();
  return (repository) => {
    const known = opened.get(repository);
    const match = known === undefined ? matchUpstream(config.upstreams, repository) : undefined;
    if (match === undefined) return known;
    const upstream = open(match.rule, match.path);
    if (opened.size >= keptRepositories) opened.clear();
    opened.set(repository, upstream);
    return upstream;
  };
}

async function credentials({ username, passwordFile }: UpstreamConfig) {
  if (username === undefined || passwordFile === undefined) return undefined;
  return { username, password: (await readFile(passwordFile, "utf8")).trim() };
}

import { SlipwayError } from "../../errors.ts";
import { SingleFlight } from "../../internal/single-flight.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import { basicHeader, hasCredentials, type Credentials } from "./credentials.ts";
import type { HttpClient } from "./http-client.ts";
import { fetchToken } from "./token.ts";

export interface AuthorizerOptions {
  readonly client: HttpClient;
  /** Asked once, when the registry first wants to know. */
  credentials(): Promise<Credentials | undefined>;
  /** Whether a token server at `host` may do without TLS. */
  mayBeInsecure(host: string): boolean;
}

/** Proves to one host who we are, as the host asks for it: keeps its challenge, and a token for each scope. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, { readonly token: string; readonly staleAt: number }>();
  readonly #asking = new SingleFlight<string>();
  #challenge: Challenge | undefined;
  #credentials: Promise<Credentials | undefined> | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The `Authorization` header for a request in `scopes`; undefined while the host has not asked for one. */
  async header(scopes: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined;
    const credentials = await this.#known();
    if (credentials?.registrytoken) return `Bearer ${credentials.registrytoken}`;
    if (this.#challenge.scheme === "basic") return credentials && basicHeader(credentials);
    return `Bearer ${await this.#token(this.#challenge, scopes, credentials, signal)}`;
  }

  /**
   * Learns from a 401 answer; a token it refused is forgotten. True when another try may do better. Throws
   * `unauthorized` when the host wants a login and there is none.
   */
  async learn(header: string | null, scopes: readonly string[]): Promise<boolean> {
    const challenges = parseChallenges(header);
    const bearer = challenges.find((challenge) => challenge.scheme === "bearer");
    this.#challenge = bearer ?? challenges.find((challenge) => challenge.scheme === "basic");
    this.#tokens.delete(scopes.join(" "));
    if (this.#challenge?.scheme === "basic" && !hasCredentials(await this.#known()))
      throw new SlipwayError("unauthorized", "no basic auth credentials");
    return this.#challenge !== undefined;
  }

  #known(): Promise<Credentials | undefined> {
    return (this.#credentials ??= this.#options.credentials());
  }

  async #token(
    challenge: Challenge,
    scopes: readonly string[],
    credentials: Credentials | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const key = scopes.join(" ");
    const kept = this.#tokens.get(key);
    if (kept !== undefined && kept.staleAt > Date.now()) return kept.token;
    return await this.#asking.run(key, async () => {
      const { client, mayBeInsecure } = this.#options;
      const wanted = withChallenged(scopes, challenge);
      const { token, expiresInMs } = await fetchToken(client, {
        challenge,
        scopes: wanted,
        credentials,
        mayBeInsecure,
        signal,
      });
      this.#tokens.set(key, { token, staleAt: Date.now() + expiresInMs * 0.8 });
      return token;
    });
  }
}

/** Our scopes and what the host named, for hosts that know the repository by another name. */
function withChallenged(scopes: readonly string[], challenge: Challenge): string[] {
  const named = (challenge.parameters.get("scope") ?? "").split(" ").filter((scope) => scope !== "");
  const names = new Set(scopes.map(withoutActions));
  return [...scopes, ...named.filter((scope) => !names.has(withoutActions(scope)))];
}

function withoutActions(scope: string): string {
  return scope.slice(0, Math.max(0, scope.lastIndexOf(":")));
}

export type Action = "pull" | "push" | "delete" | "*";

/** What a request wants to do, in the words of Docker's token scopes: `repository:library/nginx:pull`. */
export interface Access {
  readonly type: "repository" | "registry";
  readonly name: string;
  readonly actions: readonly Action[];
}

/** Decides who may do what. A registry without one is open to all. */
export interface AccessController {
  /** Whoever may push may also read every repository: no mount shows anybody what is not theirs. */
  readonly sharesAll?: boolean;
  /**
   * Returns when `request` may do all of `access`; an empty list asks only who is there. Throws a `RegistryError`:
   * `UNAUTHORIZED` with a `WWW-Authenticate` header, or `DENIED` for someone known who has no right.
   * @returns the account; undefined for someone not logged in
   */
  authorize(request: Request, access: readonly Access[]): Promise<string | undefined>;
}

/** `repository:library/nginx:pull,push` */
export function formatScope(access: Access): string {
  return `${access.type}:${access.name}:${access.actions.join(",")}`;
}

/** Reads one scope; undefined when it is none. A name may contain colons, types and actions not. */
export function parseScope(text: string): Access | undefined {
  const match = /^(repository|registry)(?:\([a-z0-9]+\))?:([^\s"]{1,300}):([a-z*,]{1,40})$/.exec(text);
  if (match === null) return undefined;
  const actions = (match[3] ?? "").split(",").filter(isAction);
  return { type: match[1] as Access["type"], name: match[2] ?? "", actions };
}

function isAction(text: string): text is Action {
  return text === "pull" || text === "push" || text === "delete" || text === "*";
}

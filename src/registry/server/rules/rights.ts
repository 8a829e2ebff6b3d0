import type { Access, Action } from "../access.ts";
import { compilePattern } from "../../../internal/name-pattern.ts";
import type { Policy } from "../policy.ts";

/** Grants `actions` in the repositories that match, to the users and groups named, or to `everyone`. */
export interface Right {
  readonly repositories: string;
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  /** Also those not logged in. */
  readonly everyone?: boolean;
  readonly actions: readonly Action[];
}

/**
 * What is granted is the union of all rights that fit. `*` grants every action. The catalog is for those who have `*`
 * in all repositories (`**`). Pure.
 */
export function rightsPolicy(
  rights: readonly Right[],
  groups: Readonly<Record<string, readonly string[]>>,
): Policy {
  return (account, access) => {
    const held = rights.filter((right) => isFor(right, account, groups) && covers(right, access));
    return access.actions.filter((action) =>
      held.some(({ actions }) => actions.includes(action) || actions.includes("*")),
    );
  };
}

function isFor(
  right: Right,
  account: string | undefined,
  groups: Readonly<Record<string, readonly string[]>>,
): boolean {
  if (right.everyone === true) return true;
  if (account === undefined) return false;
  const inGroup = (group: string): boolean =>
    Object.hasOwn(groups, group) && (groups[group]?.includes(account) ?? false);
  return (right.users?.includes(account) ?? false) || (right.groups?.some(inGroup) ?? false);
}

function covers(right: Right, access: Access): boolean {
  if (access.type === "registry") return right.repositories === "**" && right.actions.includes("*");
  return compilePattern(right.repositories)(access.name);
}

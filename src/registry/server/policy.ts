import type { Access, Action } from "./access.ts";

/** Says which of the wanted actions an account may do; `account` is undefined for someone not logged in. */
export type Policy = (account: string | undefined, access: Access) => readonly Action[];

/** Who is logged in may do everything; others may nothing, or with `anonymousPull` read every repository. */
export function accountsOnly({ anonymousPull }: { readonly anonymousPull: boolean }): Policy {
  return (account, access) => {
    if (account !== undefined) return access.actions;
    return anonymousPull && access.type === "repository"
      ? access.actions.filter((action) => action === "pull")
      : [];
  };
}

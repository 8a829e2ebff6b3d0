import { readAccounts, resolveUser } from "../../runtime/user.ts";
import type { Owner } from "../files/copy-request.ts";

/**
 * `--chown=user[:group]`, names looked up in the image. A number without a group stands for both; a name brings its
 * own group (Dockerfile reference, "COPY --chown"). Throws `invalid_argument`.
 */
export function resolveOwner(root: string, spec: string): Owner {
  const [user = "", group] = spec.split(":", 2);
  if (/^\d+$/.test(user) && (group === undefined || /^\d+$/.test(group)))
    return { uid: Number(user), gid: Number(group ?? user) };
  const { uid, gid } = resolveUser(spec, [], readAccounts(root));
  return { uid, gid: group === undefined && /^\d+$/.test(user) ? uid : gid };
}

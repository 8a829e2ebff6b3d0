import { isDigest } from "../../../oci/digest.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import type { AccessController } from "../access.ts";
import { listRepositories } from "../catalog.ts";
import { cutPage, parsePage } from "../page.ts";
import { RegistryError } from "../registry-error.ts";
import { repositoryAccess, type RouteContext, type Stores } from "./context.ts";

/** `GET /v2/<name>/tags/list` (distribution-spec, "Listing Tags"). */
export async function listTags(context: RouteContext): Promise<Response> {
  const { repository, manifests, proxy, url } = context;
  await context.authorize([repositoryAccess(repository, "pull")]);
  const tags =
    proxy?.covers(repository) === true
      ? await proxy.tags(repository, await manifests.tags(repository).catch(noneYet))
      : await manifests.tags(repository);
  const { entries, headers } = cutPage(tags, parsePage(url.searchParams), `/v2/${repository}/tags/list`);
  return json({ name: repository, tags: entries }, headers);
}

/** `GET /v2/<name>/referrers/<digest>` (distribution-spec, "Listing Referrers"). */
export async function listReferrers(context: RouteContext): Promise<Response> {
  const { repository, reference, manifests, url } = context;
  await context.authorize([repositoryAccess(repository, "pull")]);
  if (!isDigest(reference))
    throw new RegistryError("DIGEST_INVALID", { message: "invalid digest", detail: { digest: reference } });
  const wanted = url.searchParams.get("artifactType");
  const own = await manifests.referrers(repository, reference);
  const all = (await context.proxy?.referrers(repository, reference, own)) ?? own;
  const found = wanted === null ? all : all.filter((descriptor) => descriptor.artifactType === wanted);
  const headers = wanted === null ? {} : { "oci-filters-applied": "artifactType" };
  return json(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: found },
    {
      "content-type": mediaTypes.ociIndex,
      ...headers,
    },
  );
}

/** `GET /v2/_catalog`, as Docker's registry has it. Needs the right `registry:catalog:*`. */
export async function listCatalog(
  stores: Stores,
  access: AccessController | undefined,
  request: Request,
  url: URL,
): Promise<Response> {
  await access?.authorize(request, [{ type: "registry", name: "catalog", actions: ["*"] }]);
  const page = parsePage(url.searchParams);
  const found: string[] = [];
  for await (const repository of listRepositories(stores.storage, page.last)) found.push(repository);
  const { entries, headers } = cutPage(found.sort(), page, "/v2/_catalog");
  return json({ repositories: entries }, headers);
}

/** Nothing was ever pushed to the repository or fetched for it. */
function noneYet(error: unknown): string[] {
  if (error instanceof RegistryError && error.specCode === "NAME_UNKNOWN") return [];
  throw error;
}

function json(body: unknown, headers: Record<string, string>): Response {
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json", ...headers } });
}

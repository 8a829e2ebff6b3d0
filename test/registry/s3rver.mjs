/**
 * Runs npm's s3rver: `node s3rver.mjs DIRECTORY PORT [part-copy]`. Its listing with a delimiter overlooks prefixes that
 * hold nothing but further prefixes; so it lists everything here, and the grouping is done as S3 documents it. It knows no
 * UploadPartCopy, and so do other stores; `part-copy` adds it, with S3's limits on ranges and on the size of parts.
 */
import S3rver from "s3rver";
import FilesystemStore from "s3rver/lib/stores/filesystem.js";

const listAll = FilesystemStore.prototype.listObjects;
FilesystemStore.prototype.listObjects = async function listObjects(bucket, options) {
  const { delimiter, prefix = "", maxKeys, ...rest } = options;
  const all = await listAll.call(this, bucket, { ...rest, prefix });
  const cut = (key) => (delimiter ? key.indexOf(delimiter, prefix.length) : -1);
  const objects = all.objects.filter(({ key }) => cut(key) < 0);
  const below = all.objects.filter(({ key }) => cut(key) >= 0).map(({ key }) => key.slice(0, cut(key) + 1));
  const isTruncated = objects.length > maxKeys;
  return { objects: objects.slice(0, maxKeys), commonPrefixes: [...new Set(below)].sort(), isTruncated };
};

const [, , directory, port, partCopy] = process.argv;
const buckets = [{ name: "images" }];
const leastPart = 5 << 20;
/** Of the copied parts of each upload. */
const sizesOf = new Map();
const server = new S3rver({
  directory,
  address: "127.0.0.1",
  port: Number(port),
  silent: true,
  configureBuckets: buckets,
});
if (partCopy === "part-copy") server.middleware.unshift(copyParts);
await server.run();

/** UploadPartCopy, and CompleteMultipartUpload as far as the parts' sizes go. */
async function copyParts(ctx, next) {
  const { uploadId, partNumber } = ctx.query;
  const source = ctx.get("x-amz-copy-source");
  if (uploadId === undefined || (ctx.method === "PUT" && source === "")) return await next();
  const sizes = sizesOf.get(uploadId) ?? [];
  sizesOf.set(uploadId, sizes);
  if (ctx.method !== "PUT") {
    const isSmall = ctx.method === "POST" && sizes.slice(0, -1).some((size) => size < leastPart);
    return isSmall ? refuse(ctx, "EntityTooSmall") : await next();
  }
  const [bucket, ...key] = decodeURIComponent(source).replace(/^\//, "").split("/");
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(ctx.get("x-amz-copy-source-range")) ?? [];
  const { metadata } = await ctx.store.getObject(bucket, key.join("/"));
  if (!(Number(start) <= Number(end)) || Number(end) >= Number(metadata["content-length"]))
    return refuse(ctx, "InvalidRange");
  const range = { start: Number(start), end: Number(end) };
  const { content } = await ctx.store.getObject(bucket, key.join("/"), range);
  const { md5 } = await ctx.store.putPart(bucket, uploadId, partNumber, content);
  sizes[Number(partNumber) - 1] = range.end - range.start + 1;
  ctx.type = "application/xml";
  ctx.body = `<CopyPartResult><ETag>"${md5}"</ETag></CopyPartResult>`;
}

function refuse(ctx, code) {
  ctx.status = 400;
  ctx.body = `<Error><Code>${code}</Code></Error>`;
}

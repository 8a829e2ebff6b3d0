/**
 * Runs npm's s3rver: `node s3rver.mjs DIRECTORY PORT`. Its listing with a delimiter overlooks prefixes that hold
 * nothing but further prefixes; so it lists everything here, and the grouping is done as S3 documents it.
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

const [, , directory, port] = process.argv;
const buckets = [{ name: "images" }];
await new S3rver({
  directory,
  address: "127.0.0.1",
  port: Number(port),
  silent: true,
  configureBuckets: buckets,
}).run();

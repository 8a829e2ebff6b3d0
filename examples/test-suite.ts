/**
 * A test suite with an engine of its own, and a database that is seeded once: each test gets a copy of it, with all that
 * is in it, in a fraction of a second. The "database" here is a web server with a file; put a real one in its place.
 * `ROOTFS` names a directory with a static busybox.
 */
import assert from "node:assert/strict";
import { startEngine } from "slipway";
import { forHttp, startContainer, type StartedContainer } from "slipway/testing";

await using engine = await startEngine();
const build = engine.builds.build({
  context: { kind: "directory", path: process.env["ROOTFS"] ?? "." },
  dockerfile: { text: "FROM scratch\nCOPY . /\n" },
  tags: ["database"],
});
for await (const _event of build);

await using seeded = await startContainer(engine, {
  Image: "database",
  Cmd: ["sh", "-c", "mkdir -p /data; touch /data/users; exec httpd -f -p 8080 -h /data"],
  ports: [8080],
  wait: forHttp("/users"),
});
await seeded.exec(["sh", "-c", "echo ada >>/data/users"]);

const users = async (db: StartedContainer) =>
  (await (await fetch(`http://${db.host}:${db.port(8080)}/users`)).text()).trim().split("\n");

async function test(title: string, work: (db: StartedContainer) => Promise<void>): Promise<void> {
  await using db = await seeded.fork({ wait: forHttp("/users") });
  await work(db);
  console.log(`ok ${title}`);
}

await test("finds who was seeded", async (db) => assert.deepEqual(await users(db), ["ada"]));
await test("adds somebody", async (db) => {
  await db.exec(["sh", "-c", "echo grace >>/data/users"]);
  assert.deepEqual(await users(db), ["ada", "grace"]);
});
await test("does not see what another test added", async (db) => assert.deepEqual(await users(db), ["ada"]));

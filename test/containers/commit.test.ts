/** `commit`: an image of a container's changes, over the socket. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { EngineProcess, makeBusybox, run, start } from "../engine/lab.ts";
import { until } from "../until.ts";
import { failure } from "../engine/rejects.ts";
import { CheckedApi } from "./open-api-answers.ts";

let at: EngineProcess;
let engine: Engine;
let api: CheckedApi;

beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  api = new CheckedApi(at.socket);
  await makeBusybox(engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

test("files.commit() makes an image with the changes and a changed configuration", async () => {
  const script = "echo kept > /kept; rm /bin/yes; touch /tmp/ready; exec sleep 1000";
  const id = await start(engine, ["sh", "-c", script], { Env: ["A=1"], Labels: { l: "1" } });
  await until(async () => (await failure(engine.files.stat(id, "/tmp/ready"))) === undefined);
  const changes = ['CMD ["cat", "/kept"]', "ENV B=$A", "EXPOSE 80", "WORKDIR /srv", "LABEL m=2"];
  const { Id } = await engine.files.commit(id, {
    reference: "made:v1",
    comment: "why",
    author: "me",
    changes,
  });
  const image = await engine.images.inspect("made:v1");
  expect(image).toMatchObject({ Id, Author: "me", Comment: "why" });
  expect(image.Config).toMatchObject({
    Cmd: ["cat", "/kept"],
    ExposedPorts: { "80/tcp": {} },
    WorkingDir: "/srv",
    Labels: { l: "1", m: "2" },
  });
  expect(image.Config?.Env).toContain("B=1");
  expect((await engine.containers.inspect(id)).State.Paused).toBe(false);
  expect((await run(engine, [], { Image: "made:v1" })).stdout).toBe("kept\n");
  expect((await run(engine, ["ls", "/bin/yes"], { Image: "made:v1" })).code).toBe(1);
  const [top] = await engine.images.history("made:v1");
  expect(top).toMatchObject({ Comment: "why" });
  // Of the runtime's mount points (/etc/hosts, /dev, …) none is in the layer.
  const layer = (await engine.store.layers("made:v1")).Layers.at(-1);
  expect(layer).toMatchObject({ Files: 2, Directories: 2, Deletes: 1, Size: "kept\n".length });
  await engine.containers.remove(id, { force: true, volumes: true });
  await engine.images.remove("made:v1");
});

test("files.commit() refuses what is no change and a name that is none", async () => {
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["true"] });
  expect(await failure(engine.files.commit(Id, { changes: ["RUN true"] }))).toEqual({
    code: "invalid_argument",
    message: "RUN is not a valid change command",
  });
  expect(await failure(engine.files.commit(Id, { reference: "BAD NAME" }))).toMatchObject({
    code: "invalid_argument",
  });
  const made = await api.call("POST", `/commit?container=${Id}&repo=x&tag=y&changes=USER%20app`);
  expect(made.status).toBe(201);
  expect((await engine.images.inspect("x:y")).Config?.User).toBe("app");
  expect((await api.call("POST", "/commit?container=none")).status).toBe(404);
  await engine.containers.remove(Id, { force: true, volumes: true });
  await engine.images.remove("x:y");
});

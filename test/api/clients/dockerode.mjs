// What programs do with dockerode, against the engine's socket in argv[2]. Throws where it is not as with Docker.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Docker from "dockerode";

const docker = new Docker({ socketPath: process.argv[2] });

async function runToItsEnd() {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(out), text(err)]);
  const command = ["sh", "-c", "echo out; echo err >&2; exit 4"];
  const [result, container] = await docker.run("busybox", command, [out, err], { Tty: false });
  out.end();
  err.end();
  assert.equal(result.StatusCode, 4);
  assert.deepEqual(await said, ["out\n", "err\n"]);
  await container.remove();
}

async function attachWithInput() {
  const attach = {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    OpenStdin: true,
    StdinOnce: true,
  };
  const container = await docker.createContainer({ Image: "busybox", Cmd: ["cat"], ...attach });
  const stream = await container.attach({
    stream: true,
    stdin: true,
    stdout: true,
    stderr: true,
    hijack: true,
  });
  const said = demuxed(container, stream);
  await container.start();
  stream.write("hello ");
  stream.end("world");
  assert.equal((await container.wait()).StatusCode, 0);
  assert.equal(await said, "hello world");
  await container.remove();
}

function demuxed(container, stream) {
  const out = new PassThrough();
  container.modem.demuxStream(stream, out, out);
  stream.on("end", () => out.end());
  return text(out);
}

async function execAndFiles() {
  const container = await docker.createContainer({ Image: "busybox", Cmd: ["sleep", "1000"], name: "rode" });
  await container.start();
  const options = {
    Cmd: ["sh", "-c", "cat; echo done"],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  };
  const exec = await container.exec(options);
  const stream = await exec.start({ hijack: true, stdin: true });
  const said = demuxed(container, stream);
  stream.end("x\n");
  assert.equal(await said, "x\ndone\n");
  assert.equal((await exec.inspect()).ExitCode, 0);
  assert.ok((await text(await container.getArchive({ path: "/etc/passwd" }))).includes("root:x:0:0"));
  assert.equal((await container.stats({ stream: false })).name, "/rode");
  await container.pause();
  await container.unpause();
  await container.rename({ name: "rode2" });
  await container.stop({ t: 0 });
  await container.remove({ v: true });
}

async function images(context) {
  const building = await docker.buildImage(
    { context, src: ["Dockerfile", "index.html"] },
    { t: "rode:1", buildargs: { GREETING: "x" } },
  );
  const lines = await new Promise((resolve, reject) =>
    docker.modem.followProgress(building, (error, all) => (error ? reject(error) : resolve(all))),
  );
  const { ID } = lines.find((line) => line.aux).aux;
  const image = docker.getImage("rode:1");
  assert.equal((await image.inspect()).Id, ID);
  const archive = await image.get();
  assert.match(await text(await docker.loadImage(archive)), /Loaded image: rode:1/);
  await image.remove();
}

async function errors() {
  const failure = async (work) =>
    await work.then(
      () => assert.fail("no error"),
      (error) => error,
    );
  assert.equal((await failure(docker.getContainer("nope").inspect())).statusCode, 404);
  assert.equal((await failure(docker.listServices())).statusCode, 503);
  assert.equal((await failure(docker.pull("localhost:1/x:y"))).statusCode, 500);
}

await runToItsEnd();
await attachWithInput();
await execAndFiles();
await images(process.argv[3]);
await errors();

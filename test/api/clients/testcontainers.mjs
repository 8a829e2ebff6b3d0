// What test suites do with Testcontainers, against the engine of DOCKER_HOST. Throws where it is not as with Docker.
import assert from "node:assert/strict";
import { GenericContainer, Network, Wait } from "testcontainers";

const serve = (port) => [
  "sh",
  "-c",
  `mkdir /www; echo hi > /www/index.html; echo ready; exec httpd -f -p ${port} -h /www`,
];

async function logMessage() {
  const container = await new GenericContainer("busybox:latest")
    .withExposedPorts(8080)
    .withCommand(serve(8080))
    .withEnvironment({ STAGE: "test" })
    .withCopyContentToContainer([{ content: "abc", target: "/tmp/copied" }])
    .withWaitStrategy(Wait.forLogMessage("ready"))
    .start();
  const { output, exitCode } = await container.exec(["sh", "-c", "echo $STAGE; cat /tmp/copied; exit 3"]);
  assert.deepEqual([output, exitCode], ["test\nabc", 3]);
  await container.restart();
  const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/`);
  assert.equal(await answer.text(), "hi\n");
  await container.stop();
}

async function portHttpAndHealth() {
  const box = () => new GenericContainer("busybox:latest").withExposedPorts(8080).withCommand(serve(8080));
  const check = { test: ["CMD-SHELL", "true"], interval: 200, timeout: 20_000, retries: 50, startPeriod: 0 };
  const started = [
    await box().withWaitStrategy(Wait.forListeningPorts()).start(),
    await box().withWaitStrategy(Wait.forHttp("/", 8080)).start(),
    await box().withHealthCheck(check).withWaitStrategy(Wait.forHealthCheck()).start(),
  ];
  for (const container of started) await container.stop({ timeout: 1 });
}

async function network() {
  const net = await new Network().start();
  const server = await new GenericContainer("busybox:latest")
    .withNetwork(net)
    .withNetworkAliases("server")
    .withCommand(serve(80))
    .withWaitStrategy(Wait.forLogMessage("ready"))
    .start();
  const client = await new GenericContainer("busybox:latest")
    .withNetwork(net)
    .withCommand(["sleep", "1000"])
    .start();
  const { output } = await client.exec(["sh", "-c", "until wget -qO- http://server/; do sleep 0.2; done"]);
  assert.ok(output.endsWith("hi\n"), output);
  await client.stop({ timeout: 1 });
  await server.stop({ timeout: 1 });
  await net.stop();
}

async function dockerfile(context) {
  const image = await GenericContainer.fromDockerfile(context)
    .withBuildArgs({ GREETING: "made" })
    .build("tc:1", {
      deleteOnExit: false,
    });
  const container = await image
    .withCommand(["cat", "/www/built.txt"])
    .withWaitStrategy(Wait.forOneShotStartup())
    .start();
  await container.stop();
}

await logMessage();
await portHttpAndHealth();
await network();
await dockerfile(process.argv[2]);

import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { checkCredentials } from "../../src/registry/client/check-credentials.ts";
import { chunks, collect, randomBlob, reader, repositoryAt } from "./blobs.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { DockerRegistry, dockerRegistry } from "./docker-registry.ts";

if (dockerRegistry === null) console.log("skipped: docker-registry is not installed");

test.skipIf(dockerRegistry === null)(
  "Repository pushes to and pulls from Docker's registry 2.8",
  async () => {
    await using registry = await DockerRegistry.open();
    const source = new MemoryTarget();
    const image = await randomImage(source.content, { layers: 3, size: 300_000 });
    await source.tag(image.descriptor, "local");
    const repository = repositoryAt(registry.host, "team/app");
    await copy(source, "local", repository, "v1");
    await copy(source, "local", repositoryAt(registry.host, "other"), "v1", { from: "team/app" });
    const target = new MemoryTarget();
    expect(await copy(repositoryAt(registry.host, "other"), "v1", target, "v1")).toEqual(image.descriptor);
    expect(await repository.tags()).toEqual(["v1"]);
    expect(await repository.referrers(image.descriptor.digest)).toEqual([]);
    await repository.delete(image.descriptor.digest);
    await expect(repository.resolve("v1")).rejects.toThrow(/answered 404 manifest unknown/);
  },
);

test.skipIf(dockerRegistry === null)(
  "Repository resumes at Docker's registry when the connection is cut",
  async () => {
    await using registry = await DockerRegistry.open();
    await using proxy = await CuttingProxy.open(registry.port);
    const { bytes, descriptor } = randomBlob(12_000_000);
    const repository = repositoryAt(`127.0.0.1:${proxy.port}`, "a", { retry: { baseMs: 50 } });
    expect(await repository.exists(descriptor)).toBe(false);
    proxy.cutUp = [3_000_000, 3_000_000];
    await repository.push(descriptor, chunks(bytes), { again: async (offset) => reader(bytes, offset) });
    proxy.cutDown = [3_000_000, 3_000_000];
    expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
    expect(proxy.cuts).toBe(4);
  },
);

test.skipIf(dockerRegistry === null)(
  "Repository and checkCredentials() log in at Docker's registry with a password",
  async () => {
    await using registry = await DockerRegistry.open(
      "auth: { htpasswd: { realm: test, path: DIR/htpasswd } }\n",
    );
    const credentials = () => ({ username: "ann", password: "secret" });
    const { bytes, descriptor } = randomBlob(1000);
    const anonymous = repositoryAt(registry.host, "a");
    await expect(anonymous.push(descriptor, chunks(bytes))).rejects.toThrow("no basic auth credentials");
    await repositoryAt(registry.host, "a", { credentials }).push(descriptor, chunks(bytes));
    expect((await checkCredentials(registry.host, credentials())).status).toBe("Login Succeeded");
    const wrong = checkCredentials(registry.host, { username: "ann", password: "x" });
    await expect(wrong).rejects.toMatchObject({ code: "unauthorized" });
  },
);

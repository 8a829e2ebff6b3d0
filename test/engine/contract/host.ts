import { expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Subject } from "../engine-contract.ts";
import { run, start } from "../lab.ts";
import { until } from "../../until.ts";
import { failure } from "../rejects.ts";

/** What a container gets of the host: files, volumes, networks, ports, limits. */
export function hostContract(get: () => Subject): void {
  test("a missing working directory is made, inside the container alone", async () => {
    const { engine } = get();
    const ran = await run(engine, ["sh", "-c", "pwd; ls -ld . | cut -c1-10 || true"], {
      WorkingDir: "/deep/er",
    });
    expect(ran.stdout).toStartWith("/deep/er\n");
    const asUser = await run(engine, ["pwd"], { WorkingDir: "/srv/app", User: "app" });
    expect(asUser.stdout).toBe("/srv/app\n");
    const file = await failure(run(engine, ["pwd"], { WorkingDir: "/etc/passwd/x" }));
    expect(file?.message).toContain("not a directory");
  });

  test("a read-only root can be read, and its tmpfs written", async () => {
    const { engine } = get();
    const script = "echo x > /file; echo y > /tmp/file && cat /tmp/file; mount | grep -c ' /tmp type tmpfs'";
    const { stdout, stderr } = await run(engine, ["sh", "-c", script], {
      HostConfig: { ReadonlyRootfs: true, Tmpfs: { "/tmp": "size=1m,mode=1777" } },
    });
    expect(stdout).toBe("y\n1\n");
    expect(stderr).toContain("Read-only file system");
  });

  test("binds are the host's own files and directories", async () => {
    const { engine, root } = get();
    const directory = join(root, "../bind");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "file"), "from the host\n");
    const Binds = [
      `${directory}:/data`,
      `${join(directory, "file")}:/one:ro`,
      `${join(directory, "made")}:/made`,
    ];
    const script = "cat /one; echo back > /data/answer; echo no > /one; ls -d /made";
    const { stdout, stderr } = await run(engine, ["sh", "-c", script], { HostConfig: { Binds } });
    expect(stdout).toBe("from the host\n/made\n");
    expect(stderr).toContain("Read-only file system");
    expect(readFileSync(join(directory, "answer"), "utf8")).toBe("back\n");
    const Mounts = [{ Type: "bind", Source: join(directory, "not-there"), Target: "/x" }] as const;
    expect(
      await failure(engine.containers.create({ Image: "busybox", HostConfig: { Mounts: [...Mounts] } })),
    ).toEqual({
      code: "invalid_argument",
      message: `invalid mount config for type "bind": bind source path does not exist: ${join(directory, "not-there")}`,
    });
  });

  test("a published port answers on every address of the host, and is taken then", async () => {
    const { engine } = get();
    const serve = ["sh", "-c", "mkdir /www; echo page > /www/index.html; exec httpd -f -p 80 -h /www"];
    const PortBindings = { "80/tcp": [{ HostIp: "", HostPort: "" }] };
    const id = await start(engine, serve, { HostConfig: { PortBindings } });
    const port = Number((await engine.containers.inspect(id)).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort);
    expect(port).toBeGreaterThan(1023);
    const page = (host: string) =>
      fetch(`http://${host}:${port}/`)
        .then((answer) => answer.text())
        .catch(() => "");
    await until(async () => (await page("127.0.0.1")) === "page\n");
    expect(await page("[::1]")).toBe("page\n");
    const [listed] = await engine.containers.list({ filters: { id: [id] } });
    expect(listed?.Ports).toContainEqual({ IP: "0.0.0.0", PrivatePort: 80, PublicPort: port, Type: "tcp" });
    const { Id } = await engine.containers.create({
      Image: "busybox",
      HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "", HostPort: String(port) }] } },
    });
    expect((await failure(engine.containers.start(Id)))?.message).toContain("port is already allocated");
    await engine.containers.remove(id, { force: true });
    await engine.containers.start(Id);
    await engine.containers.remove(Id, { force: true });
  });

  test("networks none, host and another container's", async () => {
    const { engine } = get();
    const links = ["sh", "-c", "ip -o link | cut -d: -f2 || ip -o link"];
    const shows = async (NetworkMode: string) =>
      (await run(engine, ["ls", "/sys/class/net"], { HostConfig: { NetworkMode } })).stdout;
    expect(links.length).toBe(3);
    expect(await shows("none")).toBe("lo\n");
    expect(await shows("host")).toContain("lo\n");
    const onHost = await run(engine, ["hostname"], { HostConfig: { NetworkMode: "host" } });
    expect(onHost.stdout).toBe(`${hostname()}\n`);
    const first = await start(
      engine,
      ["sh", "-c", "echo mine > /tmp/index.html; exec httpd -f -p 90 -h /tmp"],
      { name: "first" },
    );
    const NetworkMode = "container:first";
    const script =
      "for i in 1 2 3 4 5; do wget -q -O- http://127.0.0.1:90/ && break; sleep 0.1; done; cat /etc/hosts; hostname";
    const { stdout } = await run(engine, ["sh", "-c", script], { HostConfig: { NetworkMode } });
    expect(stdout).toContain("mine\n");
    expect(stdout).toContain(`${first.slice(0, 12)}\n`);
    const published = { NetworkMode, PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "" }] } };
    expect(
      await failure(engine.containers.create({ Image: "busybox", HostConfig: published })),
    ).toMatchObject({
      code: "invalid_argument",
      message: "conflicting options: port publishing and the container type network mode",
    });
    await engine.containers.stop(first, { timeout: 0 });
    const late = await failure(run(engine, ["true"], { HostConfig: { NetworkMode } }));
    expect(late?.message).toBe(`cannot join network namespace of a non running container: ${first}`);
    await engine.containers.remove(first);
  });

  test("limits, capabilities, groups and the init process", async () => {
    const { engine } = get();
    const user = await run(engine, ["id"], { User: "app", HostConfig: { GroupAdd: ["3000"] } });
    expect(user.stdout).toMatch(/^uid=1000\(app\) gid=1001\(app\) groups=.*2000\(extra\).*3000/);
    const chown = ["sh", "-c", "touch /f && chmod 4755 /f && mount -t tmpfs x /tmp"];
    expect((await run(engine, chown)).stderr).toContain("ermission denied");
    const all = await run(engine, chown, {
      HostConfig: { CapAdd: ["SYS_ADMIN"], SecurityOpt: ["seccomp=unconfined"] },
    });
    expect(all).toMatchObject({ code: 0, stderr: "" });
    const files = await run(engine, ["sh", "-c", "ulimit -n"], {
      HostConfig: { Ulimits: [{ Name: "nofile", Soft: 512, Hard: 1024 }] },
    });
    expect(files.stdout).toBe("512\n");
    const { Id } = await engine.containers
      .create({ Image: "busybox", HostConfig: { Init: true } })
      .catch(() => ({ Id: "" }));
    if (Id === "") return;
    await engine.containers.remove(Id);
    const init = await run(engine, ["sh", "-c", "cat /proc/1/cmdline"], { HostConfig: { Init: true } });
    expect(init.stdout).toMatch(/init|tini|catatonit/);
  });

  test("the host's CA bundle comes on request", async () => {
    const { engine } = get();
    if (!existsSync("/etc/ssl/certs/ca-certificates.crt")) return;
    const script = 'test -s "$SSL_CERT_FILE" && echo there';
    expect((await run(engine, ["sh", "-c", script], { HostCA: true })).stdout).toBe("there\n");
    expect((await run(engine, ["sh", "-c", script])).stdout).toBe("");
  });
}

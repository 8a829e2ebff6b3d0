/** The engine as an ordinary user, who is made for these tests. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { busyboxContext } from "../engine/lab.ts";
import { until } from "../until.ts";
import { localRegistry } from "../engine/registry.ts";
import { openTun, TestUser, whyNot } from "./user.ts";

const why = whyNot();
if (why !== undefined) console.log(`skipped: an engine without root cannot be tested here: ${why}`);

describe.skipIf(why !== undefined)("without root", () => {
  let user: TestUser;
  let tun: Disposable | undefined;
  beforeAll(async () => {
    user = TestUser.make();
    tun = openTun();
    const context = busyboxContext(join(user.directory, "x/root"));
    spawnSync("chmod", ["-R", "a+rX", context]);
    await user.out("build", "-t", "busybox", context);
  });
  afterAll(async () => {
    tun?.[Symbol.dispose]();
    await user?.[Symbol.asyncDispose]();
  });

  const sh = (script: string, ...flags: string[]) =>
    user.out("run", "--rm", ...flags, "busybox", "sh", "-c", script);

  test("nothing runs as root, and root in a container is the user", async () => {
    const id = await user.out("run", "-d", "busybox", "sleep", "1000");
    const pid = Number(await user.out("inspect", "-f", "{{.State.Pid}}", id));
    const owner = spawnSync("ps", ["-o", "uid=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
    expect(owner).toBe(String(user.uid));
    expect(await user.out("exec", id, "id", "-u")).toBe("0");
    await user.out("rm", "-f", id);
  });

  test("a build's steps run, layers hide and replace, owners are kept", async () => {
    const context = join(user.directory, "context");
    mkdirSync(context);
    const text = `FROM busybox
RUN mkdir /d && echo 1 > /d/one && echo 2 > /d/two && chown -R 1000:1001 /d && rm -r /root
RUN rm -r /d && mkdir /d && echo 3 > /d/three && chown 1000:1001 /d/three
`;
    writeFileSync(join(context, "Dockerfile"), text);
    chmodSync(context, 0o755);
    await user.out("build", "-t", "made", context);
    const seen = await user.out(
      "run",
      "--rm",
      "made",
      "sh",
      "-c",
      "ls /d; stat -c %u:%g /d/three; ls -d /root 2>&1; true",
    );
    expect(seen).toBe("three\n1000:1001\nls: /root: No such file or directory");
    await user.out("save", "-o", join(user.runDirectory, "made.tar"), "made");
    await user.out("rmi", "made");
    await user.out("load", "-i", join(user.runDirectory, "made.tar"));
    expect(await user.out("run", "--rm", "made", "ls", "/d")).toBe("three");
  });

  test("push and pull speak to a registry on the host's loopback", async () => {
    await using registry = await localRegistry();
    const name = `${registry.host}/from/user:1`;
    await user.out("tag", "busybox", name);
    await user.out("push", name);
    await user.out("rmi", name);
    await user.out("pull", name);
    expect(await user.out("run", "--rm", "--network", "none", name, "echo", "pulled")).toBe("pulled");
    await user.out("rmi", name);
  });

  test("an image's device nodes are left out", async () => {
    const tree = join(user.directory, "devices");
    mkdirSync(join(tree, "dev"), { recursive: true });
    spawnSync("mknod", [join(tree, "dev/disk"), "b", "254", "0"]);
    writeFileSync(join(tree, "beside"), "there");
    const archive = join(user.directory, "devices.tar");
    spawnSync("tar", ["-C", tree, "-cf", archive, "."]);
    await user.out("import", archive, "devices");
    const id = await user.out("create", "devices", "x");
    expect(await user.out("export", "-o", join(user.runDirectory, "out.tar"), id)).toBe("");
    const listed = spawnSync("tar", ["-tf", join(user.runDirectory, "out.tar")], { encoding: "utf8" }).stdout;
    expect(listed).toContain("beside");
    expect(listed).not.toContain("disk");
    await user.out("rm", id);
    await user.out("rmi", "devices");
  });

  test("run: exit code, user, volume, read-only root, temporary files, no network", async () => {
    expect((await user.run("run", "--rm", "busybox", "sh", "-c", "exit 7")).code).toBe(7);
    expect(await sh("id -u; id -g", "--user", "app")).toBe("1000\n1001");
    await sh("echo kept > /v/f; chown 5:6 /v/f", "-v", "data:/v");
    expect(await sh("cat /v/f; stat -c %u:%g /v/f", "-v", "data:/v")).toBe("kept\n5:6");
    expect(
      await sh(
        "echo x > /x 2>/dev/null || echo no; echo y > /t/y && echo yes",
        "--read-only",
        "--tmpfs",
        "/t",
      ),
    ).toBe("no\nyes");
    expect(await sh("ls /sys/class/net", "--network", "none")).toBe("lo");
    expect(await sh("grep Seccomp: /proc/self/status; grep CapEff /proc/self/status")).toBe(
      "Seccomp:\t2\nCapEff:\t00000000a80425fb",
    );
  });

  test("devices are bound, and the host's namespaces shared, as far as the user may", async () => {
    expect(await sh("echo x > /dev/mine; ls /dev/mine", "--device", "/dev/null:/dev/mine")).toBe("/dev/mine");
    const shared = ["--pid", "host", "--network", "host", "--ipc", "host", "--uts", "host"];
    expect(await sh(`ls -d /proc/${process.pid}; grep -c . /proc/timer_list; true`, ...shared)).toBe(
      `/proc/${process.pid}\n0`,
    );
    const id = await user.out("run", "-d", "--pid", "host", "busybox", "sh", "-c", "sleep 1000 & sleep 1000");
    const pid = Number(await user.out("inspect", "-f", "{{.State.Pid}}", id));
    await user.out("rm", "-f", id);
    await until(() => !isAlive(pid));
    expect(await sh("mount -t tmpfs none /tmp && echo mounted", "--privileged")).toBe("mounted");
  });

  test("containers, their logs and networks outlive a kill -9 of the engine", async () => {
    const script =
      "echo hello > /tmp/index.html; httpd -p 80 -h /tmp; n=0; while :; do echo $n; n=$((n+1)); usleep 5000; done";
    const id = await user.out(
      "run",
      "-d",
      "--name",
      "web",
      "-p",
      "127.0.0.1:0:80",
      "busybox",
      "sh",
      "-c",
      script,
    );
    const address = await user.out("inspect", "-f", "{{.NetworkSettings.IPAddress}}", id);
    const port = (await user.out("port", "web", "80/tcp")).split(":").at(-1);
    const page = () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        (answer) => answer.text(),
        () => "",
      );
    await until(async () => (await page()) === "hello\n");
    process.kill(user.engine, "SIGKILL");
    expect(await user.out("ps", "-q", "--no-trunc")).toBe(id);
    expect(await page()).toBe("hello\n");
    expect(await sh(`wget -qO- http://${address}/`)).toBe("hello");
    const numbers = async () => (await user.out("logs", "web")).split("\n").map(Number);
    const before = (await numbers()).length;
    await until(async () => (await numbers()).length > before + 10);
    expect((await numbers()).every((value, at) => value === at)).toBe(true);
    expect(await user.out("exec", "web", "hostname")).toBe(id.slice(0, 12));
    await user.out("stop", "-t", "0", "web");
    expect(await page()).toBe("");
    await user.out("rm", "web");
  });

  test("names resolve on networks, a taken port is refused, UDP ports are published", async () => {
    await user.out("network", "create", "front");
    await user.out(
      "run",
      "-d",
      "--name",
      "named",
      "--network",
      "front",
      "-p",
      "127.0.0.1:0:80",
      "busybox",
      "sleep",
      "1000",
    );
    const port = (await user.out("port", "named", "80/tcp")).split(":").at(-1) ?? "";
    if (spawnSync("ls", ["/usr/lib/podman/aardvark-dns"]).status === 0)
      expect(await sh("ping -c 1 named", "--network", "front")).toContain("1 packets received");
    const taken = await user.run("run", "--rm", "-p", `127.0.0.1:${port}:80`, "busybox", "true");
    expect(taken).toMatchObject({ code: 125 });
    expect(taken.stderr).toContain("port is already allocated");
    await user.out("run", "-d", "--name", "datagrams", "-p", "127.0.0.1::53/udp", "busybox", "sleep", "1000");
    expect(await user.out("port", "datagrams")).toMatch(/^53\/udp -> 127\.0\.0\.1:\d+$/);
    await user.out("rm", "-f", "datagrams");
    await user.out("rm", "-f", "named");
    await user.out("network", "rm", "front");
  });

  test("pause, fork and commit stop the processes one by one", async () => {
    await user.out(
      "run",
      "-d",
      "--name",
      "going",
      "busybox",
      "sh",
      "-c",
      "n=0; while :; do echo $n; n=$((n+1)); usleep 2000; done",
    );
    const count = async () => (await user.out("logs", "going")).split("\n").length;
    await until(async () => (await count()) > 3);
    await user.out("pause", "going");
    const paused = await count();
    expect(await user.out("ps", "--filter", "status=paused", "--format", "{{.Names}}")).toBe("going");
    expect(await count()).toBe(paused);
    await user.out("unpause", "going");
    await until(async () => (await count()) > paused);
    await user.out("exec", "going", "touch", "/mine");
    await user.out("fork", "going", "forked");
    expect(await user.out("exec", "forked", "ls", "/mine")).toBe("/mine");
    await user.out("commit", "going", "committed");
    expect(await user.out("run", "--rm", "committed", "ls", "/mine")).toBe("/mine");
    await user.out("rm", "-f", "going", "forked");
  });

  test("limits are refused by name, and info says what is not possible", async () => {
    const limited = await user.run("run", "--rm", "-m", "64m", "busybox", "true");
    expect(limited.code).toBe(125);
    expect(limited.stderr).toContain(
      "limits of memory need cgroups, which an engine without root does not have",
    );
    const id = await user.out("create", "busybox", "true");
    expect((await user.run("update", "-m", "64m", id)).stderr).toContain("limits of memory need cgroups");
    await user.out("rm", id);
    const info = await user.run("info");
    expect(info.stderr).toContain("No cgroups without root");
    expect(await user.out("system", "check")).toContain("the store is whole");
  });

  const carrier = ["pasta", "slirp4netns"].find((name) =>
    Bun.which(name, { PATH: "/usr/bin:/usr/local/bin" }),
  );
  if (carrier === undefined) console.log("skipped: the way outside: pasta and slirp4netns are missing");
  test.skipIf(carrier === undefined)("a container reaches what is outside of the host", async () => {
    if (tun === undefined) return console.log("skipped: the way outside: there is no /dev/net/tun");
    await using outside = new Outside(user.directory);
    expect(await sh(`wget -qO- http://${outside.address}/`)).toBe("outside");
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** A web server in a network namespace of its own, beside the host. */
class Outside implements AsyncDisposable {
  readonly address = "198.18.77.2";
  readonly #name = `slwout${process.pid}`;
  readonly #link = `slwo${process.pid}`.slice(0, 15);
  readonly #server: ReturnType<typeof Bun.spawn>;

  constructor(directory: string) {
    const pages = join(directory, "pages");
    mkdirSync(pages);
    writeFileSync(join(pages, "index.html"), "outside");
    const ip = (...args: string[]) => {
      const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
      if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
    };
    ip("netns", "add", this.#name);
    ip("link", "add", this.#link, "type", "veth", "peer", "name", "eth0", "netns", this.#name);
    ip("addr", "add", "198.18.77.1/24", "dev", this.#link);
    ip("link", "set", this.#link, "up");
    ip("-n", this.#name, "addr", "add", `${this.address}/24`, "dev", "eth0");
    ip("-n", this.#name, "link", "set", "eth0", "up");
    const server = ["busybox", "httpd", "-f", "-p", "80", "-h", pages];
    this.#server = Bun.spawn(["ip", "netns", "exec", this.#name, ...server]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill();
    await this.#server.exited;
    spawnSync("ip", ["link", "delete", this.#link]);
    spawnSync("ip", ["netns", "delete", this.#name]);
  }
}

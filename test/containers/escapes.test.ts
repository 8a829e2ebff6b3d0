/**
 * Ways out of a container through names, tried on each runtime: links, archives, volumes, working directories. The race of a
 * copy with a rename is in files.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logs, run } from "../engine/lab.ts";
import { failure } from "../engine/rejects.ts";
import { contents, tarOf } from "./archives.ts";
import { EscapeLab, secret } from "./escape-lab.ts";

const runtimes = ["crun", "runc"];

describe.each(runtimes)("%s", (runtime) => {
  let lab: EscapeLab;
  let before: Record<string, string>;
  beforeAll(async () => {
    lab = await EscapeLab.open(runtime);
    before = lab.hostFiles();
  });
  afterAll(async () => await lab?.[Symbol.asyncDispose]());

  /** The runtime has no part in it: tried once. */
  const once = runtime === runtimes[0] ? test : test.skip;
  const archive = async (id: string, path: string) =>
    await contents((await lab.engine.files.archive(id, path)).content);

  once("cp through links reads nothing of the host", async () => {
    const up = "../".repeat(20);
    const id = await lab.ready(
      `ln -s ${lab.host} /abs; ln -s ${up}${lab.host} /rel; ln -s ${lab.host}/secret /file; ln -s /proc/1/root /proc-root`,
    );
    for (const path of ["/abs/secret", "/rel/secret", "/file/", "/proc-root/etc/shadow", "/abs/", "/rel/."])
      expect(await failure(archive(id, path))).toMatchObject({ code: "not_found" });
    expect(await archive(id, "/file")).toEqual({ file: `-> ${lab.host}/secret` });
    await lab.remove(id);
  });

  once("cp through links writes nothing on the host (CVE-2018-15664)", async () => {
    const id = await lab.ready(`ln -s ${lab.host} /abs; ln -s /proc/self/root /own`);
    const gets = (path: string) => failure(lab.engine.files.extract(id, path, tarOf({ name: "evil" })));
    expect(await gets("/abs")).toMatchObject({ code: "not_found" });
    expect(await gets("/own/proc")).toMatchObject({ code: "not_found" });
    expect(lab.hostFiles()).toEqual(before);
    await lab.remove(id);
  });

  once("an archive's own links, parents and absolute names stay inside", async () => {
    const id = await lab.ready("mkdir /d");
    const put = (...entries: Parameters<typeof tarOf>) =>
      failure(lab.engine.files.extract(id, "/d", tarOf(...entries)));
    await put({ name: "l", type: "2", linkname: lab.host }, { name: "l/evil", content: "x" });
    await put({ name: `${"../".repeat(20)}${lab.host}/evil`, content: "x" });
    await put({ name: `${lab.host}/evil`, content: "x" });
    await put({ name: "h", type: "1", linkname: `${lab.host}/secret` }, { name: "h", content: "evil" });
    await put(
      { name: "p", type: "2", linkname: "/proc/1/root" },
      { name: `p${lab.host}/evil`, content: "x" },
    );
    expect(lab.hostFiles()).toEqual(before);
    await lab.remove(id);
  });

  test("an image's volume at a link gets nothing of the host, and gives the host nothing", async () => {
    const image = await lab.image("volume", `ln -s ${lab.host} /data; mkdir /in; ln -s ${lab.host} /in/out`);
    const Volumes = { "/data": {}, "/in": {} };
    const ran = await run(
      lab.engine,
      ["sh", "-c", "ls /data /in/out/; echo x > /data/evil; readlink /in/out"],
      {
        Image: image,
        Volumes,
      },
    ).catch(() => ({ stdout: "" }));
    expect(ran.stdout).not.toContain("secret");
    expect(lab.hostFiles()).toEqual(before);
  });

  test("mounts at links of the image land inside", async () => {
    const image = await lab.image("mounted", `ln -s ${lab.host} /abs; ln -s ../../../../../../../.. /rel`);
    for (const target of ["/abs/made", `/rel${lab.host}/made`, "/abs"]) {
      const Mounts = [{ Type: "volume" as const, Target: target, Source: "" }];
      const cmd = ["sh", "-c", `ls ${target}/; echo x > ${target}/evil`];
      const ran = await run(lab.engine, cmd, { Image: image, HostConfig: { Mounts } }).catch(() => ({
        stdout: "",
      }));
      expect(ran.stdout).not.toContain("secret");
    }
    expect(lab.hostFiles()).toEqual(before);
  });

  test("a volume's subpath at a link leads nowhere", async () => {
    const volume = await lab.engine.volumes.create({ Name: "sub" });
    const id = await lab.ready(`ln -s ${lab.host} /v/out; ln -s ../../../../../../../../.. /v/up`, {
      HostConfig: { Binds: [`${volume.Name}:/v`] },
    });
    for (const Subpath of ["out", `up${lab.host}`]) {
      const Mounts = [{ Type: "volume" as const, Source: "sub", Target: "/m", VolumeOptions: { Subpath } }];
      const ran = await run(lab.engine, ["ls", "/m"], { HostConfig: { Mounts } }).catch(() => ({
        stdout: "",
      }));
      expect(ran.stdout).not.toContain("secret");
    }
    await lab.remove(id);
    await lab.engine.volumes.remove("sub");
  });

  once("a volume's subpath that turns from directory to link and back leads nowhere", async () => {
    const flip = `mkdir /v/a; ln -s ${lab.host} /v/b; while :; do mv /v/a /v/c; mv /v/b /v/a; mv /v/a /v/b; mv /v/c /v/a; done`;
    const id = await lab.ready(`(${flip}) & true`, { HostConfig: { Binds: ["flipped:/v"] } });
    const Mounts = [
      { Type: "volume" as const, Source: "flipped", Target: "/m", VolumeOptions: { Subpath: "a" } },
    ];
    let mounted = 0;
    for (let round = 0; round < 12; round += 1) {
      const ran = await run(lab.engine, ["ls", "/m"], { HostConfig: { Mounts } }).catch(() => undefined);
      expect(ran?.stdout ?? "").not.toContain("secret");
      if (ran !== undefined) mounted += 1;
    }
    expect(lab.hostFiles()).toEqual(before);
    console.log(`${mounted} of 12 mounts found a directory`);
    await lab.remove(id);
    await lab.engine.volumes.remove("flipped");
  });

  test.each(["hosts", "resolv.conf"])("/etc/%s at a link of the image is not the host's", async (name) => {
    const target = join(lab.host, `made-${name}`);
    const image = await lab.linked(`link-${name}`, `etc/${name}`, target);
    await run(lab.engine, ["sh", "-c", `echo evil > /etc/${name}`], { Image: image }).catch(() => undefined);
    const over = await lab.linked(`over-${name}`, `etc/${name}`, join(lab.host, "secret"));
    const ran = await run(lab.engine, ["cat", `/etc/${name}`], { Image: over }).catch(() => ({ stdout: "" }));
    expect(ran.stdout).not.toContain(secret);
    expect(existsSync(target)).toBe(false);
    expect(lab.hostFiles()).toEqual(before);
  });

  once.each([
    ["a file of the host", (host: string) => `ln -s ${host}/passwd /etc/passwd`],
    ["up and out", (host: string) => `ln -s ${"../".repeat(20)}${host}/passwd /etc/passwd`],
    ["the engine's root", (host: string) => `ln -s /proc/self/root${host}/passwd /etc/passwd`],
    ["a pipe that nobody writes", () => "busybox mknod /etc/passwd p"],
    ["an endless device", () => "busybox mknod /etc/passwd c 1 5"],
    ["a link to itself", () => "ln -s passwd /etc/passwd"],
    ["a directory", () => "mkdir /etc/passwd"],
    ["a link to /proc", () => "ln -s /proc/kmsg /etc/passwd"],
  ])("/etc/passwd that is %s is refused, and holds nobody up", async (what, script) => {
    const id = await lab.ready("true");
    await lab.exec(id, ["sh", "-c", `rm /etc/passwd; ${script(lab.host)}`]);
    const refused = await failure(lab.exec(id, ["id"], { User: "hostuser" }));
    expect(refused?.message).toContain("unable to find user");
    const restarted = await failure(lab.engine.containers.restart(id, { timeout: 0 }));
    expect(restarted?.message).toContain("unable to find user");
    await lab.remove(id);
  });

  test("a working directory among open files leads no process out (CVE-2024-21626)", async () => {
    const ask = "pwd; ls -a . .. ../.. ../../.. ../../../..; cat ../../../../../../../../../../etc/hostname";
    const outside = [...readdirSync("/").filter((name) => ["boot", "srv", "lib64"].includes(name)), secret];
    const id = await lab.ready("for n in 3 4 5 6 7 8; do ln -s /proc/self/fd/$n /fd$n; done");
    const linked = await lab.image("fds", "for n in 3 4 5 6 7 8; do ln -s /proc/self/fd/$n /fd$n; done");
    const cmd = ["sh", "-c", ask];
    for (let fd = 3; fd < 9; fd += 1) {
      const said = [
        await lab.exec(id, cmd, { WorkingDir: `/proc/self/fd/${fd}` }).catch(() => ""),
        await lab.exec(id, cmd, { WorkingDir: `/fd${fd}` }).catch(() => ""),
        await run(lab.engine, cmd, { Image: linked, WorkingDir: `/fd${fd}` }).then(
          ({ stdout }) => stdout,
          () => "",
        ),
      ];
      for (const text of said) for (const word of outside) expect(text.split("\n")).not.toContain(word);
    }
    await lab.remove(id);
  }, 120_000);

  test("an image with /proc, /sys or /dev as a link does not lose its masks", async () => {
    for (const name of ["proc", "sys", "dev"]) {
      const image = await lab.linked(`top-${name}`, name, "tmp");
      const script = `for p in /proc /tmp; do
          echo 1 > $p/sys/kernel/panic && echo written; grep -q . $p/timer_list && echo read
          ls $p/firmware/* && echo firmware; done; true`;
      const ran = await run(lab.engine, ["sh", "-c", script], { Image: image }).catch(() => ({ stdout: "" }));
      expect(ran.stdout).toBe("");
    }
  });

  test("an image's own /dev/null at a link does not unmask what is masked", async () => {
    const image = await lab.linked("null", "dev/null", "/proc/sys/kernel/core_pattern");
    const script =
      "grep -c . /proc/timer_list /proc/keys; echo '|/evil' > /proc/sys/kernel/core_pattern; echo '|/evil' > /dev/null";
    await run(lab.engine, ["sh", "-c", script], { Image: image }).catch(() => undefined);
    expect(Bun.spawnSync(["cat", "/proc/sys/kernel/core_pattern"]).stdout.toString()).not.toContain("evil");
  });

  once("copying runs nothing that the container brought (CVE-2019-14271)", async () => {
    const mark = "/tmp/ran";
    const id = await lab.ready(
      `for n in tar nsenter mount sh; do printf '#!/bin/cat\\n' > /tmp/$n; done; mkdir -p /lib/x86_64-linux-gnu; for n in nss_files nss_dns; do cp /bin/busybox /lib/x86_64-linux-gnu/lib$n.so.2; done; mkdir /d`,
    );
    await lab.engine.files.extract(id, "/d", tarOf({ name: "f", content: "x" }));
    expect(await archive(id, "/d/f")).toEqual({ f: "x" });
    expect(await failure(lab.engine.files.stat(id, mark))).toMatchObject({ code: "not_found" });
    await lab.remove(id);
  });

  test("an engine that writes a container's hosts anew follows no link that it made", async () => {
    const id = await lab.ready(`rm /etc/hosts; umount /etc/hosts; ln -sf ${lab.host}/secret /etc/hosts`);
    await lab.engine.containers.restart(id, { timeout: 0 });
    expect(lab.hostFiles()).toEqual(before);
    expect(await logs(lab.engine, id)).not.toContain(secret);
    await lab.remove(id);
  });

  once("bind sources are only what was asked for", async () => {
    const given = join(lab.host, "../given");
    mkdirSync(given, { recursive: true });
    writeFileSync(join(given, "file"), "given");
    const id = await lab.ready(`ln -s ${lab.host}/secret /mnt/link; ln -s .. /mnt/up`, {
      HostConfig: { Binds: [`${given}:/mnt`] },
    });
    expect(await failure(archive(id, "/mnt/link/"))).toMatchObject({ code: "not_found" });
    expect(await failure(archive(id, "/mnt/up/host/secret"))).toMatchObject({ code: "not_found" });
    await lab.remove(id);
  });
});

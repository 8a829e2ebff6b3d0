import { expect } from "bun:test";
import { chmodSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./row.ts";

/** What COPY and ADD bring, and as what. */
export const copyRows: readonly Row[] = [
  // COPY and ADD
  {
    promise: "paths outside are cut, directories are copied by content",
    lines: [
      "FROM busybox",
      "COPY ../../a.txt /d/x/",
      "COPY /sub/ /e",
      "WORKDIR /w",
      "COPY sub rel",
      "RUN ls /d/x /e /w/rel",
    ],
    files: { "a.txt": "", "sub/s": "", "sub/t/u": "" },
    prints: "/d/x:\na.txt\n\n/e:\ns\nt\n\n/w/rel:\ns\nt\n",
  },
  {
    promise: "a file does not take a directory's place",
    lines: ["FROM busybox", "RUN mkdir /dir", "COPY a.txt /dir", "RUN ls /dir"],
    files: { "a.txt": "" },
    prints: "a.txt\n",
  },
  {
    promise: "a directory does not take a file's place",
    lines: ["FROM busybox", "RUN echo f > /x", "COPY sub /x"],
    files: { "sub/s": "" },
    fails: /cannot|not a directory|exists/i,
  },
  {
    promise: "permissions stay, owners are root; times are the files' own",
    lines: ["FROM busybox", "COPY sub /d", "RUN stat -c '%a %u %g %Y' /d/run"],
    files: { "sub/run": "" },
    prepare: (directory) => {
      chmodSync(join(directory, "sub/run"), 0o751);
      utimesSync(join(directory, "sub/run"), 1e9, 1e9);
    },
    prints: "751 0 0 1000000000\n",
  },
  {
    promise:
      "wildcards are Go's, with classes and escapes; one that finds nothing is nothing, as in BuildKit",
    lines: ["FROM busybox", "COPY *.png index.?s arr[[]0].txt [^x]y *.none /d/", "RUN ls /d"],
    files: { "a.png": "", "index.js": "", "arr[0].txt": "", zy: "", xy: "", "sub/b.png": "" },
    prints: "a.png\narr[0].txt\nindex.js\nzy\n",
  },
  {
    promise: "a wildcard copies the content of directories it finds",
    lines: ["FROM busybox", "COPY s* /d/", "RUN ls /d"],
    files: { "s1/a": "", "s2/b": "", sfile: "" },
    prints: "a\nb\nsfile\n",
  },
  {
    promise: "--chown with names, numbers, and a user alone",
    lines: [
      "FROM busybox",
      "COPY --chown=55:app a /1",
      "COPY --chown=app a /2",
      "COPY --chown=1 a /3",
      "COPY --chown=10:11 --chmod=644 a /4",
      "COPY --chown=:5 a /5",
      "RUN stat -c '%u:%g' /1 /2 /3 /4",
    ],
    files: { a: "" },
    prints: "55:1001\n1000:1001\n1:1\n10:11\n",
  },
  {
    promise: "--chown with an unknown name fails",
    lines: ["FROM busybox", "COPY --chown=nobody-here a /"],
    files: { a: "" },
    fails: /nobody-here/,
  },
  {
    promise: "--chmod: octal, symbolic, from an argument",
    lines: [
      "FROM busybox",
      "ARG MODE=440",
      "COPY --chmod=$MODE a /1",
      "COPY --chmod=+x a /2",
      "COPY --chmod=u=rwX,go=rX sub /3",
      "COPY --chmod=g=u a /4",
      "COPY --chmod=u+s,o-r a /5",
      "RUN stat -c %a /1 /2 /3 /3/f /3/x /4 /5",
    ],
    files: { a: "", "sub/f": "", "sub/x": "" },
    prepare: (directory) => {
      chmodSync(join(directory, "a"), 0o604);
      chmodSync(join(directory, "sub/f"), 0o600);
      chmodSync(join(directory, "sub/x"), 0o700);
    },
    prints: "440\n715\n755\n644\n755\n664\n4600\n",
  },
  {
    promise: "--chmod with nonsense fails",
    lines: ["FROM busybox", "COPY --chmod=999 a /"],
    files: { a: "" },
    fails: /chmod/,
  },
  {
    promise: "--link follows no link of the image",
    lines: [
      "FROM busybox",
      "RUN mkdir /real && ln -s /real /way",
      "COPY --link a /way/a",
      "RUN readlink /way || ls /way && ls /real | wc -l",
    ],
    files: { a: "" },
    prints: "a\n0\n",
  },
  {
    promise: "without --link the image's links are followed, and none leads out of it",
    lines: [
      "FROM busybox",
      "RUN mkdir /real && ln -s /real /way && ln -s ../../../../etc /out",
      "COPY a /way/a",
      "COPY a /out/a",
      "RUN ls /real/a /etc/a",
    ],
    files: { a: "" },
    prints: "/etc/a\n/real/a\n",
  },
  {
    promise: "links in the context stay links in a directory, and are followed when named",
    lines: ["FROM busybox", "COPY sub /d", "COPY sub/l /n", "RUN readlink /d/l; cat /n"],
    files: { "sub/f": "content\n" },
    prepare: (directory) => symlinkSync("f", join(directory, "sub/l")),
    prints: "f\ncontent\n",
  },
  {
    promise: "--parents keeps directories, from a pivot on, with `**`",
    lines: [
      "FROM busybox",
      "COPY --parents ./x/a.txt ./y/a.txt /p/",
      "COPY --parents ./x/./y/*.txt /q/",
      "COPY --parents ./src/**/*.txt /r/",
      "RUN cd / && ls p/x/a.txt p/y/a.txt q/y/b.txt r/src/a.txt r/src/x/y/c.txt && ls r/src/x p | wc -l",
    ],
    files: {
      "x/a.txt": "",
      "y/a.txt": "",
      "x/y/b.txt": "",
      "src/a.txt": "",
      "src/x/y/c.txt": "",
      "src/x/no": "",
    },
    prints: "p/x/a.txt\np/y/a.txt\nq/y/b.txt\nr/src/a.txt\nr/src/x/y/c.txt\n6\n",
  },
  {
    promise: "--parents from a stage, with an absolute pivot",
    lines: [
      "FROM busybox AS s",
      "RUN mkdir -p /u/l/b && touch /u/l/b/f",
      "FROM busybox",
      "COPY --parents --from=s /u/./l/b /o/",
      "RUN find /o | grep f",
    ],
    prints: "/o/l/b/f\n",
  },
  {
    promise: "--exclude, several times and with wildcards, counted from the source; also in ADD",
    lines: [
      "FROM busybox",
      "COPY --exclude=*.txt --exclude=*.md hom* /m/",
      "COPY --exclude=**/*.log --exclude=skip d /n/",
      "ADD --exclude=*.md hom* /o/",
      "RUN ls /m /n /o",
    ],
    files: {
      "home.txt": "",
      "home.md": "",
      "home.c": "",
      "d/a.log": "",
      "d/keep": "",
      "d/skip/x": "",
      "d/e/b.log": "",
    },
    prints: "/m:\nhome.c\n\n/n:\ne\nkeep\n\n/o:\nhome.c\nhome.txt\n",
  },
  {
    promise: "COPY --from: a stage's number, name or later redefinition, an image; paths count from its root",
    lines: [
      "FROM busybox AS one",
      "RUN echo 1 > /f",
      "FROM busybox AS ONE-B",
      "RUN echo 2 > /f",
      "FROM busybox",
      "COPY --from=0 f /a",
      "COPY --from=one-b /f /b",
      "COPY --from=busybox etc/passwd /c",
      "RUN cat /a /b; head -c4 /c",
    ],
    prints: /1\n2\nroot$/,
  },
  {
    promise: "of two stages with one name the last counts",
    lines: [
      "FROM busybox AS s",
      "RUN echo 1 > /f",
      "FROM busybox AS s",
      "RUN echo 2 > /f",
      "FROM busybox",
      "COPY --from=s /f /f",
      "RUN cat /f",
    ],
    prints: "2\n",
  },
  {
    promise:
      "of a directory that is there the destination stays as it is, what is below becomes as the source's",
    lines: [
      "FROM busybox AS base",
      "RUN mkdir -p /d/sub && chmod 700 /d /d/sub && chown 5:6 /d /d/sub",
      "FROM base AS plain",
      "COPY d /d",
      "RUN stat -c '%a %u' /d /d/sub",
      "FROM base AS parents",
      "COPY --from=plain /etc/passwd /",
      "COPY --parents d/./sub/f /d/",
      "RUN stat -c '%a %u' /d /d/sub",
    ],
    files: { "d/sub/f": "" },
    prepare: (directory) => chmodSync(join(directory, "d/sub"), 0o751),
    prints: "700 5\n751 0\n700 5\n751 5\n",
  },
  {
    promise: "directories made on the way to a destination are as --chmod and --chown say",
    lines: [
      "FROM busybox",
      "COPY --chmod=711 a /one/two/a",
      "COPY --chmod=u=rwx,go= --chown=5:6 a /three/",
      "COPY --chmod=750 <<E /four/e",
      "E",
      "COPY a /five/a",
      "RUN stat -c '%a %u' /one /one/two /three /four /five",
    ],
    files: { a: "" },
    prints: "711 0\n711 0\n700 5\n750 0\n755 0\n",
  },
  {
    promise: "a socket of the context comes as an empty file",
    lines: ["FROM busybox", "COPY . /c/", "RUN stat -c '%F %s' /c/s.sock"],
    prepare: (directory) => {
      const script = 'Bun.listen({ unix: "s.sock", socket: { data() {} } }); process.exit()';
      expect(Bun.spawnSync([process.execPath, "-e", script], { cwd: directory }).exitCode).toBe(0);
    },
    prints: "regular empty file 0\n",
  },
  {
    promise: "the working directory is meant where the destination is empty",
    lines: ["FROM busybox", "WORKDIR /w", "ENV E=", "COPY a $E", "COPY --link b $E", "RUN ls /w"],
    files: { a: "", b: "" },
    prints: "a\nb\n",
  },
  {
    promise: "links that a wildcard finds are followed",
    lines: ["FROM busybox", "COPY sub/l* /all/", "RUN cat /all/l0 /all/l1"],
    files: { "sub/f": "file\n" },
    prepare: (directory) => {
      symlinkSync("f", join(directory, "sub/l0"));
      symlinkSync("l0", join(directory, "sub/l1"));
    },
    prints: "file\nfile\n",
  },
  {
    promise: "a stage that is defined later",
    lines: ["FROM busybox AS one", "COPY --from=two / /x", "FROM busybox AS two", "FROM one"],
    fails: /cannot copy from stage "two", it needs to be defined before current stage "one"/,
  },
  {
    promise: "a repository is no source of COPY",
    lines: ["FROM busybox", "COPY git://h.example/x.git /"],
    fails: /source can't be a git ref for COPY/,
  },
  {
    promise: "a stage that is not there",
    lines: ["FROM busybox", "COPY --from=7 a b"],
    fails: /invalid stage index/,
  },
];

/**
 * The Dockerfile reference, sentence by sentence: what it promises, tried on a real build. The corpus beside it compares
 * whole images; here stands what a reader of the reference may rely on.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildRequest } from "../../src/build/builder.ts";
import type { ImageRunConfig } from "../../src/oci/image-config.ts";
import { BuildHarness, output } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;
let count = 0;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

interface Row {
  /** What the reference promises. */
  readonly promise: string;
  readonly lines: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** Changes to the context that files cannot say. */
  readonly prepare?: (directory: string) => void;
  readonly more?: Partial<BuildRequest>;
  /** All that steps print. */
  readonly prints?: string | RegExp;
  readonly config?: Partial<ImageRunConfig>;
  readonly author?: string;
  readonly fails?: RegExp;
  /** Looks at the context afterwards. */
  readonly after?: (directory: string) => void;
}

const rows: readonly Row[] = [
  // Format
  {
    promise: "instructions know no case, comments inside of an instruction go, `#` elsewhere is text",
    lines: ["# c", "   from busybox", "  # c", "run echo a # b \\", "# gone", "  c", 'RUN echo "# d"'],
    prints: "a\n# d\n",
  },
  {
    promise: "whitespace in arguments stays",
    lines: ["FROM busybox", 'RUN echo "\\', "     hello\\", '     world"'],
    prints: "     hello     world\n",
  },
  {
    promise: "directives: unknown ones and late ones are comments",
    lines: ["# unknown=x", "# escape=`", "FROM busybox", "RUN echo a\\", "b"],
    prints: "ab\n",
  },
  {
    promise: "a directive twice is an error",
    lines: ["# escape=`", "# escape=`", "FROM busybox"],
    fails: /only one escape parser directive can be used/,
  },
  {
    promise: "escape=` leaves backslashes alone",
    lines: [
      "#\t eScApE = `",
      "FROM busybox",
      "RUN echo a `",
      "  b\\c",
      "ENV D=c:\\x E=`$D",
      'RUN echo "$D $E"',
    ],
    prints: "a bc\nc:\\x $D\n",
  },
  // Environment replacement
  {
    promise: "variables keep one value throughout an instruction",
    lines: ["FROM busybox", "ENV abc=hello", "ENV abc=bye def=$abc", "ENV ghi=$abc", "RUN echo $def $ghi"],
    prints: "hello bye\n",
  },
  {
    promise: "modifiers of variables, with patterns and escapes",
    lines: [
      "FROM busybox",
      "ARG str=foobarbaz none= q=a?b*c",
      "ENV A=${str#f*b} B=${str##f*b} C=${str%b*} D=${str%%b*} E=${str/ba/fo} F=${str//ba/fo}",
      "ENV G=${none:-w} H=${none-w} I=${gone-${str}} J=${str:+y} K=${none+set} L=\\$str M=\\${str} N=${q#a\\?}",
      'RUN echo "$A $B $C $D $E $F|$G|$H|$I|$J|$K|$L|$M|$N"',
    ],
    prints: "arbaz az foobar foo fooforbaz fooforfoz|w||foobarbaz|y|set|$str|${str}|b*c\n",
  },
  {
    promise: "${x:?} fails with its words",
    lines: ["FROM busybox", "ARG none", "WORKDIR ${none:?needed here}"],
    fails: /none: needed here/,
  },
  {
    promise:
      "variables count in COPY, EXPOSE, LABEL, STOPSIGNAL, USER, VOLUME and WORKDIR, a set `$` in none",
    lines: [
      "FROM busybox",
      "ENV P=80 S=SIGINT U=app V=/v L=l F=a.txt",
      "COPY \\$FOO $F /t/",
      "EXPOSE $P/udp",
      "LABEL $L=${P}x",
      "STOPSIGNAL $S",
      "VOLUME $V",
      "WORKDIR /w$P/$NONE",
      "USER $U",
      "RUN ls /t; pwd; id -un",
    ],
    files: { "a.txt": "", $FOO: "" },
    prints: "$FOO\na.txt\n/w80\napp\n",
    config: {
      ExposedPorts: { "80/udp": {} },
      Labels: { l: "80x" },
      StopSignal: "SIGINT",
      Volumes: { "/v": {} },
      User: "app",
    },
  },
  // Shell and exec form
  {
    promise: "the exec form expands nothing and needs double quotes",
    lines: ["FROM busybox", "ENV X=1", 'RUN ["echo", "$X"]', "RUN ['echo', 'a'] 2>/dev/null || echo shell"],
    prints: "$X\nshell\n",
  },
  {
    promise: "SHELL sets the shell of RUN, CMD and ENTRYPOINT, also of here-documents",
    lines: ["FROM busybox", 'SHELL ["/bin/sh", "-euc"]', "RUN echo $-", "RUN <<E", "echo $-", "E", "CMD x"],
    prints: /^(?=.*e)\w*u\w*\n(?=.*e)\w*u\w*\n$/,
    config: { Cmd: ["/bin/sh", "-euc", "x"], Shell: ["/bin/sh", "-euc"] },
  },
  {
    promise: "SHELL takes the JSON form alone",
    lines: ["FROM busybox", "SHELL sh"],
    fails: /SHELL requires the arguments to be in JSON form/,
  },
  // FROM and ARG
  {
    promise: "an ARG above FROM is for FROM, and in a stage when declared there again",
    lines: [
      "ARG V=latest",
      "ARG W=${V}-x",
      "FROM busybox:$V",
      'RUN echo "[$V]"',
      "ARG V W=own",
      "RUN echo $V $W",
    ],
    prints: "[]\nlatest own\n",
  },
  {
    promise: "ARG in FROM has defaults of its own",
    lines: ["ARG N", "FROM ${N:-busybox}${T+:latest} AS x", "RUN echo ok"],
    prints: "ok\n",
  },
  {
    promise: "an ARG counts from its line on, and ENV wins over it",
    lines: [
      "FROM busybox",
      "USER ${username:-root}",
      "ARG username",
      "RUN echo $username",
      "ARG E",
      "ENV E=v1",
      "RUN echo $E",
      "ENV F=${username:-dflt}",
    ],
    more: { buildArgs: { username: "what", E: "v2" } },
    prints: "what\nv1\n",
    config: { User: "root", Env: expect.arrayContaining(["E=v1", "F=what"]) as unknown as string[] },
  },
  {
    promise: "stages based on a stage have its arguments, others have not",
    lines: [
      "FROM busybox AS a",
      "ARG X=1",
      "FROM a AS b",
      'RUN echo "b$X"',
      "FROM busybox",
      'RUN echo "c$X"',
      "COPY --from=b /etc/passwd /",
    ],
    prints: /^(b1\nc|c\nb1)\n$/,
  },
  {
    promise: "automatic platform arguments need a declaration",
    lines: [
      "FROM --platform=$BUILDPLATFORM busybox",
      'RUN echo "[$TARGETOS]"',
      "ARG TARGETOS TARGETARCH BUILDOS TARGETSTAGE",
      "RUN echo $TARGETOS $BUILDOS $TARGETSTAGE",
    ],
    prints: "[]\nlinux linux default\n",
  },
  {
    promise: "proxy arguments need none, and are in no history",
    lines: ["FROM busybox", "RUN echo $HTTP_PROXY $no_proxy"],
    more: { buildArgs: { HTTP_PROXY: "http://u:p@h", no_proxy: "x" } },
    prints: "http://u:p@h x\n",
  },
  // RUN
  {
    promise: "bind mounts show context and stages, read-only, and need a target",
    lines: [
      "FROM busybox AS s",
      "RUN mkdir /d && echo staged > /d/f",
      "FROM busybox",
      "RUN --mount=target=/c cat /c/a.txt; touch /c/x 2>/dev/null || echo ro",
      "RUN --mount=type=bind,from=s,source=/d,dst=/m,rw cat /m/f && echo new > /m/f && cat /m/f",
      "RUN --mount=from=s,src=/d/f,destination=/one cat /one",
      "RUN ls -d /m /one /c 2>/dev/null | wc -l",
    ],
    files: { "a.txt": "context\n" },
    prints: "context\nro\nstaged\nnew\nstaged\n0\n",
  },
  {
    promise: "what is written to a bind of a single file is thrown away",
    lines: ["FROM busybox", "RUN --mount=type=bind,source=a.txt,target=/a,rw echo changed > /a && cat /a"],
    files: { "a.txt": "mine\n" },
    prints: "changed\n",
    after: (directory) => expect(readFileSync(join(directory, "a.txt"), "utf8")).toBe("mine\n"),
  },
  {
    promise: "a bind shows nothing that .dockerignore leaves out",
    lines: ["FROM busybox", "RUN --mount=target=/c ls /c", "RUN --mount=source=secret,target=/s cat /s"],
    files: { ".dockerignore": "secret\nDockerfile\n.dockerignore\n", secret: "x", open: "" },
    fails: /"\/secret": not found/,
  },
  {
    promise: "a relative target is below WORKDIR, `from` of an empty stage and `target=.` work",
    lines: [
      "FROM scratch AS empty",
      "FROM busybox",
      "WORKDIR /w",
      "RUN --mount=target=. ls",
      "RUN --mount=from=empty,target=e ls e | wc -l",
    ],
    files: { one: "" },
    prints: "one\n0\n",
  },
  {
    promise: "mount values take arguments",
    lines: [
      "FROM busybox",
      "ARG ID=cid UID=1000",
      "RUN --mount=type=cache,id=$ID,target=/k,uid=$UID,gid=1001,mode=0750 stat -c '%u %g %a' /k",
    ],
    prints: "1000 1001 750\n",
  },
  {
    promise: "`from` of a mount and of COPY takes none: a stage stands in",
    lines: ["FROM busybox", "ARG S=busybox", "RUN --mount=from=$S,target=/x true"],
    fails: /variable expansion is not supported for|'from' doesn't support variable expansion/,
  },
  {
    promise: "a cache lasts from step to step and starts with what `from` has",
    lines: [
      "FROM busybox AS seed",
      "RUN mkdir /seed && echo seeded > /seed/f",
      "FROM busybox",
      "RUN --mount=type=cache,target=/c,from=seed,source=/seed cat /c/f && echo more > /c/g",
      "RUN --mount=type=cache,target=/c,ro cat /c/g; touch /c/h 2>/dev/null || echo ro",
    ],
    prints: "seeded\nmore\nro\n",
  },
  {
    promise:
      "one step may lock several caches, and one of them twice; another may name them the other way round",
    lines: [
      "FROM busybox AS a",
      "RUN --mount=type=cache,id=l1,target=/1,sharing=locked --mount=type=cache,id=l2,target=/2,sharing=locked sleep 0.1; echo x > /1/f",
      "FROM busybox",
      "RUN --mount=type=cache,id=l2,target=/2,sharing=locked --mount=type=cache,id=l1,target=/1,sharing=locked --mount=type=cache,id=l1,target=/3,sharing=locked sleep 0.1; ls -d /3",
      "COPY --from=a /etc/passwd /",
    ],
    prints: "/3\n",
  },
  {
    promise: "tmpfs with a size",
    lines: [
      "FROM busybox",
      "RUN --mount=type=tmpfs,target=/t,size=1m dd if=/dev/zero of=/t/f bs=1k count=2000 2>/dev/null || stat -c %s /t/f",
    ],
    prints: "1048576\n",
  },
  {
    promise:
      "secrets: by id, at a target, in a variable, both, and with owner and mode; a missing one is no error",
    lines: [
      "FROM busybox",
      "RUN --mount=type=secret,id=tok cat /run/secrets/tok; stat -c ' %a %u' /run/secrets/tok",
      "RUN --mount=type=secret,target=/x/tok,mode=0440,uid=7,gid=8 cat /x/tok; stat -c ' %a %u %g' /x/tok",
      "RUN --mount=type=secret,id=tok,env=T echo $T; ls /run/secrets 2>/dev/null | wc -l",
      "RUN --mount=type=secret,id=tok,env=T,target=/y echo $T $(cat /y)",
      "RUN --mount=type=secret,id=none test ! -e /run/secrets/none && echo none",
    ],
    more: { secrets: { tok: Buffer.from("s3cret").toString("base64") } },
    prints: "s3cret 400 0\ns3cret 440 7 8\ns3cret\n0\ns3cret s3cret\nnone\n",
  },
  {
    promise: "a secret that is required and missing ends the build",
    lines: ["FROM busybox", "RUN --mount=type=secret,id=none,required=true true"],
    fails: /secret none: not found/,
  },
  {
    promise: "RUN --network=none has lo alone",
    lines: ["FROM busybox", "RUN --network=none ls /sys/class/net"],
    prints: "lo\n",
  },
  // CMD, ENTRYPOINT, LABEL, MAINTAINER, EXPOSE, ENV
  {
    promise: "the last CMD counts, ENTRYPOINT resets the base's CMD but not the stage's own",
    lines: ["FROM busybox AS a", 'CMD ["base"]', "FROM a", "CMD one", 'CMD ["two"]', 'ENTRYPOINT ["e", "f"]'],
    config: { Cmd: ["two"], Entrypoint: ["e", "f"] },
  },
  {
    promise: "ENTRYPOINT without CMD drops the base's",
    lines: ["FROM busybox AS a", 'CMD ["base"]', "FROM a", 'ENTRYPOINT ["e"]'],
    config: { Cmd: undefined as unknown as string[], Entrypoint: ["e"] },
  },
  {
    promise: "labels: quotes, continued values, the newest wins",
    lines: ["FROM busybox", 'LABEL "com.v"="A B" w="1.0" d="lines \\', "that span\" s='foo-$X'", "LABEL w=2"],
    config: { Labels: { "com.v": "A B", w: "2", d: "lines that span", s: "foo-$X" } },
  },
  {
    promise: "MAINTAINER is the author",
    lines: ["FROM busybox", "MAINTAINER A B <a@b>"],
    author: "A B <a@b>",
  },
  {
    promise: "ENV: several at once, quotes and backslashes, and the old form",
    lines: [
      "FROM busybox",
      'ENV A="John Doe" B=Rex\\ The\\ Dog \\',
      "  C=fluffy",
      "ENV ONE TWO= THREE=world",
      'RUN echo "$A|$B|$C|$ONE"',
    ],
    prints: "John Doe|Rex The Dog|fluffy|TWO= THREE=world\n",
  },
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
    promise: "a stage that is not there",
    lines: ["FROM busybox", "COPY --from=7 a b"],
    fails: /invalid stage index/,
  },
  // ONBUILD
  {
    promise: "triggers run after FROM, in order, once, also with stages of the build that sets them off",
    lines: [
      "FROM busybox AS base",
      "ONBUILD RUN echo first",
      "ONBUILD COPY --from=made /m /m",
      "ONBUILD RUN --mount=from=made,target=/x cat /x/m",
      "ONBUILD ENV T=1",
      "RUN echo base",
      "FROM busybox AS made",
      "RUN echo made > /m",
      "FROM base AS child",
      'RUN echo "child $T $(cat /m)"',
      "FROM child",
      "RUN echo grandchild",
    ],
    prints: /^base\nfirst\nmade\nchild 1 made\ngrandchild\n$/,
    config: { OnBuild: undefined as unknown as string[] },
  },
  {
    promise: "no ONBUILD in ONBUILD",
    lines: ["FROM busybox", "ONBUILD ONBUILD RUN x"],
    fails: /Chaining ONBUILD/,
  },
  {
    promise: "no FROM in ONBUILD",
    lines: ["FROM busybox", "ONBUILD FROM x"],
    fails: /FROM isn't allowed as an ONBUILD trigger/,
  },
  // USER, WORKDIR, VOLUME, STOPSIGNAL, HEALTHCHECK
  {
    promise: "USER with a group has that group alone, numbers need no account",
    lines: [
      "FROM busybox",
      "USER app:0",
      "RUN id -u; id -g; id -G",
      "USER 4242:4343",
      "RUN id -u; id -g",
      "USER 4242",
      "RUN id -g",
    ],
    prints: "1000\n0\n0\n4242\n4343\n0\n",
  },
  {
    promise: "a user that is not there",
    lines: ["FROM busybox", "USER ghost", "RUN id"],
    fails: /unable to find user ghost/,
  },
  {
    promise: "WORKDIR: relative ones add up, it is made, unset variables are nothing",
    lines: [
      "FROM busybox",
      "WORKDIR /a",
      "WORKDIR b",
      "WORKDIR c",
      "RUN pwd",
      "ENV D=/path",
      "WORKDIR $D/$NONE",
      "RUN pwd",
      "WORKDIR ../up",
      "RUN pwd",
    ],
    prints: "/a/b/c\n/path\n/up\n",
  },
  {
    promise: "what is written below a VOLUME stays",
    lines: [
      "FROM busybox",
      'VOLUME ["/v", "/w x"]',
      "RUN mkdir /v && echo kept > /v/f",
      "RUN cat /v/f",
      "VOLUME /y /z",
    ],
    prints: "kept\n",
    config: { Volumes: { "/v": {}, "/w x": {}, "/y": {}, "/z": {} } },
  },
  {
    promise: "HEALTHCHECK: options, the last one, an exec array",
    lines: [
      "FROM busybox",
      "HEALTHCHECK CMD false",
      "HEALTHCHECK --interval=5m --timeout=3s --start-period=1m --start-interval=2s --retries=4 \\",
      '  CMD ["curl", "-f"]',
    ],
    config: {
      Healthcheck: {
        Test: ["CMD", "curl", "-f"],
        Interval: 300e9,
        Timeout: 3e9,
        StartPeriod: 60e9,
        StartInterval: 2e9,
        Retries: 4,
      },
    },
  },
  {
    promise: "HEALTHCHECK NONE",
    lines: ["FROM busybox", "HEALTHCHECK NONE"],
    config: { Healthcheck: { Test: ["NONE"] } },
  },
  // Here-documents
  {
    promise: "several documents of one RUN, an interpreter, a shebang",
    lines: [
      "FROM busybox",
      "RUN <<FILE1 cat > /f1 && <<FILE2 cat > /f2",
      "I am",
      "first",
      "FILE1",
      "I am",
      "second",
      "FILE2",
      "RUN cat /f1 /f2",
      "RUN <<EOT sh",
      "  echo in $0",
      "EOT",
      "RUN <<EOT",
      "#!/bin/sh -e",
      "echo shebang",
      "false",
      "echo never",
      "EOT",
    ],
    fails: /exit code: 1\n[^]*shebang/,
  },
  {
    promise: "documents in COPY are expanded unless quoted, `<<-` drops tabs",
    lines: [
      "FROM busybox",
      "ARG FOO=bar",
      "COPY <<-EOT <<'Q' /d/",
      '\techo "hello ${FOO}" \\$x',
      "\tEOT",
      "$FOO # no comment",
      "Q",
      "RUN cat /d/EOT /d/Q; stat -c %a /d/EOT",
      "COPY --chmod=755 <<E /one",
      "E",
      "RUN stat -c '%a %s' /one",
    ],
    prints: 'echo "hello bar" $x\n$FOO # no comment\n644\n755 0\n',
  },
  {
    promise: "a document inside of a continued command, and what only looks like one",
    lines: [
      "FROM busybox",
      "RUN echo a && \\",
      "  cat <<E && echo b",
      "doc \\",
      "more",
      "E",
      'RUN echo "1 <<E" 2>&1',
      "RUN echo $((1<<3))",
    ],
    prints: "a\ndoc more\nb\n1 <<E\n8\n",
  },
];

test.each(rows.map((row) => [row.promise, row] as const))("%s", async (_promise, row) => {
  const directory = harness.directory(`reference-${(count += 1)}`);
  for (const [name, text] of Object.entries(row.files ?? {})) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  row.prepare?.(directory);
  const context = { kind: "directory", path: directory } as const;
  const request = { context, dockerfile: { text: `${row.lines.join("\n")}\n` }, ...row.more };
  const built = await harness.build(request).catch((error: Error) => error);
  row.after?.(directory);
  if (built instanceof Error) return expect(built.message).toMatch(row.fails ?? /^it does not fail$/);
  expect(row.fails).toBeUndefined();
  const printed = output(built.events);
  if (typeof row.prints === "string") expect(printed).toBe(row.prints);
  else if (row.prints !== undefined) expect(printed).toMatch(row.prints);
  const { config = {}, author } = built.config;
  for (const [name, value] of Object.entries(row.config ?? {}))
    expect({ [name]: config[name as keyof ImageRunConfig] }).toEqual({ [name]: value });
  expect(author).toBe(row.author as string);
});

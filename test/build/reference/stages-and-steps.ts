import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./row.ts";

/** Stages, arguments and steps that run. */
export const stageRows: readonly Row[] = [
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
    promise: "a default is not looked at where an argument is given",
    lines: ["ARG G=${NONE:?no}", "FROM busybox", "ARG L=${NONE:?no} G", "RUN echo $G $L"],
    more: { buildArgs: { G: "g", L: "l" } },
    prints: "g l\n",
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
    promise: "a mount from a stage that is defined later",
    lines: ["FROM busybox AS a", "RUN --mount=from=b,target=/b true", "FROM busybox AS b", "FROM a"],
    fails: /cannot mount from stage "b", stage needs to be defined before current command/,
  },
  {
    promise: "a named context takes the place of a stage and of an image, `scratch` of both",
    lines: [
      "FROM busybox AS p",
      "FROM p AS s",
      "RUN false",
      "FROM nowhere AS n",
      "COPY <<E /e",
      "E",
      "FROM s",
      "COPY --from=n / /n",
      "RUN ls /n",
    ],
    more: {
      buildContexts: {
        s: { kind: "image", reference: "busybox" },
        nowhere: { kind: "image", reference: "scratch" },
      },
    },
    prints: "e\n",
  },
  {
    promise: "RUN without a command",
    lines: ["FROM busybox", "RUN []"],
    fails: /RUN requires at least one argument/,
  },
  {
    promise: "RUN --network=none has lo alone",
    lines: ["FROM busybox", "RUN --network=none ls /sys/class/net"],
    prints: "lo\n",
  },
];

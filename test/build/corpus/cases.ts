import { newer, type CorpusCase } from "./case.ts";

const tree = {
  "a.txt": "a\n",
  "b.txt": "b\n",
  "dir/one": "1\n",
  "dir/sub/two": "2\n",
  "dir/script.sh": { text: "#!/bin/sh\necho hi\n", mode: 0o755 },
  link: { link: "a.txt" },
};

/** Dockerfiles over the whole language, with `busybox` as their base. */
export const corpus: readonly CorpusCase[] = [
  {
    name: "config",
    dockerfile: `FROM busybox
LABEL a=1 "b c"="d e"
ENV X=1 Y="two words"
ENV Z three words
EXPOSE 80 443/tcp 53/udp
VOLUME /data /more
USER nobody:nogroup
STOPSIGNAL SIGUSR1
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["echo", "hi"]
`,
  },
  { name: "shell-forms", dockerfile: "FROM busybox\nENTRYPOINT exec top -b\nCMD echo $HOME\n" },
  {
    name: "cmd-reset",
    dockerfile: 'FROM busybox AS a\nCMD ["x"]\nFROM a\nENTRYPOINT ["y"]\n',
    differs: { buildah: { why: "it keeps the CMD of the base", in: ["Cmd"] } },
  },
  {
    name: "healthcheck",
    dockerfile:
      "FROM busybox\nHEALTHCHECK --interval=5s --timeout=2s --start-period=1s --retries=4 CMD true\n",
  },
  { name: "healthcheck-none", dockerfile: "FROM busybox\nHEALTHCHECK CMD true\nHEALTHCHECK NONE\n" },
  { name: "onbuild", dockerfile: "FROM busybox\nONBUILD RUN echo 1\nONBUILD COPY . /\n" },
  {
    name: "shell",
    dockerfile: 'FROM busybox\nSHELL ["/bin/sh", "-ec"]\nRUN false || echo no > /no\nCMD x\n',
    differs: { buildah: { why: "it keeps the first shell for CMD", in: ["Cmd"] } },
  },
  {
    name: "workdir",
    dockerfile: "FROM busybox\nWORKDIR /a\nWORKDIR b\nWORKDIR ../c\nRUN pwd > here\nWORKDIR /\n",
    differs: { buildah: { why: "it takes a relative path for one of the root", in: ["/a/b"] } },
  },
  {
    name: "workdir-variable",
    dockerfile: "FROM busybox\nENV D=/x/y\nWORKDIR ${D}/z\nCOPY a.txt .\n",
    files: tree,
  },
  { name: "copy-file", dockerfile: "FROM busybox\nCOPY a.txt /x\nCOPY a.txt b.txt /many/\n", files: tree },
  {
    name: "copy-directory",
    dockerfile: "FROM busybox\nCOPY dir /d\nCOPY dir /e/\nCOPY . /all/\n",
    files: tree,
  },
  { name: "copy-wildcard", dockerfile: "FROM busybox\nCOPY *.txt d?r/o* /w/\n", files: tree },
  { name: "copy-link", dockerfile: "FROM busybox\nCOPY link /followed\nCOPY . /kept/\n", files: tree },
  {
    name: "copy-chown",
    dockerfile: "FROM busybox\nCOPY --chown=12:34 dir /d\nCOPY --chown=nobody a.txt /new/x\n",
    files: tree,
    skip: { buildkit: "it gives directories that it makes to root as well as to others, by version" },
  },
  {
    name: "copy-chmod",
    dockerfile: "FROM busybox\nRUN mkdir /d\nCOPY --chmod=0640 dir /d\nCOPY --chmod=711 a.txt /x\n",
    files: tree,
  },
  {
    name: "copy-over",
    dockerfile:
      "FROM busybox\nRUN mkdir -p /d/sub && echo old > /d/one && chmod 700 /d /d/sub && chown 5:6 /d/sub\nCOPY dir /d\n",
    files: tree,
  },
  {
    name: "copy-from",
    dockerfile:
      "FROM busybox AS one\nRUN mkdir -m 750 /o && echo x > /o/f && ln -s f /o/l && chown 5:6 /o/f\n" +
      "FROM scratch\nCOPY --from=one /o /p\nCOPY --from=0 /o/f /q\nCOPY --from=busybox /bin/busybox /bb\n",
    differs: { buildah: { why: "it sets no working directory", in: ["WorkingDir"] } },
  },
  {
    name: "dockerignore",
    dockerfile: "FROM busybox\nCOPY . /c\n",
    files: { ...tree, ".dockerignore": "*.txt\n!b.txt\ndir/sub\n# comment\n" },
  },
  {
    name: "dockerignore-exceptions",
    dockerfile: "FROM busybox\nCOPY . /c\n",
    files: { ...tree, ".dockerignore": "**\n!dir/**/two\n!a.txt\n" },
    differs: {
      buildah: {
        why: "it knows no exception below a pattern with **",
        in: ["/c/dir", "/c/dir/sub", "/c/dir/sub/two"],
      },
      buildkit: {
        why: "version 20.10 knows no exception below a pattern with **",
        in: ["/c/dir", "/c/dir/sub", "/c/dir/sub/two"],
      },
    },
  },
  { name: "add-files", dockerfile: "FROM busybox\nADD a.txt dir /x/\n", files: tree },
  {
    name: "args",
    dockerfile:
      "ARG V=1\nFROM busybox AS base\nARG V\nARG W=w-${V}\nENV K=$W\nRUN echo $V $W $K > /v\n" +
      "FROM base\nARG W\nRUN echo ${W:-none} ${V-gone} > /w\n",
    args: { V: "2" },
    differs: { buildah: { why: "it forgets an argument that is declared again", in: ["/w"] } },
  },
  {
    name: "expansion",
    dockerfile:
      "FROM busybox\nENV A=abc B=\nENV C=${A:+x} D=${B:-y} E=\\$A F='$A' G=\"$A\"\nLABEL l=${A}$C\nEXPOSE ${D:+90}\nRUN env | sort | grep -v HOSTNAME > /env\n",
  },
  {
    name: "escape-directive",
    dockerfile: "# escape=`\nFROM busybox\nRUN echo a `\n  b > /x\nENV P=c:\\x\n",
    differs: { buildah: { why: "it reads values with the usual escape character", in: ["Env"] } },
  },
  {
    name: "continuations",
    dockerfile: "FROM busybox\nRUN echo a && \\\n# comment\n    echo b \\\n      > /x\nENV A=1 \\\n    B=2\n",
  },
  {
    name: "whiteouts",
    dockerfile:
      "FROM busybox\nRUN mkdir -p /d/e && touch /d/f /d/e/g /top\nRUN rm /top /d/f && rm -r /d/e && mkdir /d/e && touch /d/e/new\n" +
      "RUN rm -rf /d && mkdir /d && touch /d/only\n",
  },
  {
    name: "special-files",
    dockerfile:
      "FROM busybox\nRUN mkfifo /p && ln /bin/busybox /hard && ln -s nowhere /l && chmod 4755 /hard && mkdir -m 1777 /t && chown 7:8 /p\n",
  },
  {
    name: "run-exec-form",
    dockerfile:
      'FROM busybox\nRUN ["/bin/busybox", "sh", "-c", "echo $0 > /x", "zero"]\nRUN ["touch", "/with space"]\n',
  },
  {
    name: "run-user",
    dockerfile:
      "FROM busybox\nRUN mkdir -p /etc && echo 'u:x:77:88::/h:/bin/sh' >> /etc/passwd && mkdir -m 777 /w\n" +
      "USER u\nRUN touch /w/mine && id -u > /w/id && echo $HOME > /w/home\nWORKDIR /made\n",
    differs: {
      buildah: { why: "it makes the last working directory when it runs something in it", in: ["/made"] },
    },
  },
  {
    name: "run-mounts",
    dockerfile:
      "FROM busybox AS s\nRUN echo s > /s\nFROM busybox\n" +
      "RUN --mount=type=bind,from=s,source=/s,target=/m --mount=type=tmpfs,target=/tm --mount=type=cache,target=/ca " +
      "cat /m > /out; touch /tm/x /ca/y\n",
    skip: { buildah: "version 1.28 leaves mount points behind" },
    differs: { buildkit: { why: "version 20.10 leaves mount points behind", in: ["/ca", "/tm"] } },
  },
  {
    name: "target",
    dockerfile: "FROM busybox AS one\nRUN touch /1\nFROM one AS two\nRUN touch /2\nFROM two\nRUN false\n",
    target: "two",
  },
  {
    name: "stage-names",
    dockerfile: "FROM busybox AS First\nRUN touch /1\nFROM first\nCOPY --from=FIRST /1 /2\n",
    skip: { buildah: "it knows the case of stage names" },
  },
  {
    name: "scratch-only",
    dockerfile: "FROM scratch\nCOPY dir/one /\nENV A=1\n",
    files: tree,
    differs: { buildah: { why: "it sets no working directory", in: ["WorkingDir"] } },
  },
  { name: "config-only", dockerfile: "FROM busybox\nENV A=1\nCMD a\n" },
  {
    name: "heredocs",
    dockerfile:
      "FROM busybox\nRUN <<EOF\necho $0 > /a\necho b > /b\nEOF\nCOPY <<-X <<'Y' /h/\n\tone\nX\n$two\nY\n",
    skip: newer,
  },
  {
    name: "copy-parents-exclude",
    dockerfile:
      "FROM busybox\nCOPY --parents dir/./sub/two a.txt /p/\nCOPY --exclude=*.txt --exclude=dir/sub . /e/\n",
    files: tree,
    skip: newer,
  },
  {
    name: "copy-link-flag",
    dockerfile: "FROM busybox\nCOPY --link --chmod=u=rwX,go=rX dir /l/m/\n",
    files: tree,
    skip: newer,
  },
];

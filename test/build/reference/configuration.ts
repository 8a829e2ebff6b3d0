import type { Row } from "./row.ts";

/** What becomes of the image: commands, labels, triggers, user, health. */
export const configurationRows: readonly Row[] = [
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
      "RUN id -g; echo $HOME",
      "ENV HOME=/own",
      "RUN echo $HOME",
    ],
    prints: "1000\n0\n0\n4242\n4343\n0\n/\n/own\n",
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
    promise: "STOPSIGNAL knows signals by number and name",
    lines: ["FROM busybox", "STOPSIGNAL RTMIN+3", "STOPSIGNAL 9"],
    config: { StopSignal: "9" },
  },
  { promise: "no such signal", lines: ["FROM busybox", "STOPSIGNAL FOO"], fails: /invalid signal: FOO/ },
  {
    promise: "HEALTHCHECK NONE",
    lines: ["FROM busybox", "HEALTHCHECK NONE"],
    config: { Healthcheck: { Test: ["NONE"] } },
  },
];

import type { Row } from "./row.ts";

/** What the language is: lines, variables, forms of commands, here-documents. */
export const languageRows: readonly Row[] = [
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

import { readFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { renderTemplate } from "./template.ts";
import { withoutTypes } from "./template/document.ts";
import { evaluateTemplate } from "./template/evaluate.ts";
import { dockerFunctions } from "./template/functions.ts";
import { parseTemplate } from "./template/parser.ts";
import { TemplateError } from "./template/template-error.ts";

interface Golden {
  readonly data: unknown;
  readonly cases: readonly {
    readonly template: string;
    readonly output?: string;
    readonly parseError?: string;
    readonly execError?: string;
  }[];
}

const path = new URL("../../../test/data/docker-cli/go-template-format.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

/** As the recorded answers were made: the document read without types. */
function untyped(text: string): string {
  const template = parseTemplate(text, new Set(dockerFunctions.keys()));
  return evaluateTemplate(template, withoutTypes(golden.data), { functions: dockerFunctions, untyped: true });
}

function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as Error).message;
  }
}

describe("evaluateTemplate() answers as docker/cli", () => {
  test.each(golden.cases.map((row) => [row.template, row] as const))("%s", (template, row) => {
    const failure = row.parseError ?? row.execError;
    const wanted = failure === undefined ? row.output : `template parsing error: ${failure}`;
    expect(outcome(() => untyped(template))).toBe(wanted ?? "");
  });
});

describe("renderTemplate()", () => {
  const document = {
    Id: "abc",
    State: { Pid: 7, Health: null },
    Config: { Env: ["A=1", "B=2"], Cmd: null, Labels: { "b.c": "x", a: "y" } },
    HostConfig: { Init: null, Memory: 0.5 },
    NetworkSettings: { Networks: { bridge: { IPAddress: "172.17.0.2" } }, Ports: null },
  };

  test.each([
    ['{{join .Config.Env ","}}', "A=1,B=2"],
    [
      "{{.Config.Cmd}} {{.HostConfig.Init}} {{.NetworkSettings.Ports}} {{len .Config.Cmd}}",
      "[] <nil> map[] 0",
    ],
    ["{{eq .State.Pid 7}} {{lt 1 2}} {{ge .State.Pid 8}}", "true true false"],
    [
      "{{.Config.Labels.nothing}}|{{index .Config.Labels `b.c`}}|{{index .Config.Labels `no`}}",
      "<no value>|x|",
    ],
    ["{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "172.17.0.2"],
    ["{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}", "a=y b.c=x "],
    ["{{range .Config.Cmd}}x{{else}}none{{end}}", "none"],
    ["{{range $i, $e := .Config.Env}}{{if $i}}{{break}}{{end}}{{$e}}{{end}}", "A=1"],
    ["{{with .State.Health}}{{.Status}}{{else}}no health{{end}}", "no health"],
    ["{{if false}}a{{else if .Id}}b{{else}}c{{end}}", "b"],
    ["{{define `x`}}[{{.}}]{{end}}{{template `x` .Id}}{{block `y` .State}}{{.Pid}}{{end}}", "[abc]7"],
    ["a {{- 1 -}} b", "a1b"],
    ["{{/* c */ -}}\n x", "x"],
    [
      "{{json .Config.Labels}} {{json .State}} {{json .Config.Cmd}}",
      '{"a":"y","b.c":"x"} {"Pid":7,"Health":null} null',
    ],
    ["{{.Id | printf `%q-%5s|%-5s|%05d` | upper}}", `"ABC"-%!S(MISSING)|%!S(MISSING)|%!D(MISSING)`],
    [
      "{{printf `%v %s %q %d %x %t %5.2f %+d %%` .Config.Env .Id .Id 7 255 true 2.5 3}}",
      '[A=1 B=2] abc "abc" 7 ff true  2.50 +3 %',
    ],
    [
      "{{html `<a href='x'>`}} {{urlquery `a b&c`}} {{print 1 2 `x`}}{{println}}",
      "&lt;a href=&#39;x&#39;&gt; a+b%26c 1 2x\n",
    ],
    ["{{pad .Id 1 2}}|{{truncate .Id 2}}|{{title `ab cd`}}|{{split .Id `b`}}", " abc  |ab|Ab Cd|[a c]"],
    ["{{(index .Config.Env 0)}} {{slice .Config.Env 1}} {{(slice .Id 1 2)}}", "A=1 [B=2] b"],
    ["{{$x := .Id}}{{range .Config.Env}}{{$x}}{{$.State.Pid}}{{end}}", "abc7abc7"],
    ["{{with .Config.Healthcheck}}x{{else}}none{{end}}{{.Config.StopSignal}} {{.SizeRw}}", "none <nil>"],
    ["{{.HostConfig.Memory}} {{1e3}} {{0x10}} {{1.5e30}}", "0.5 1000 16 1.5e+30"],
  ])("%s", (template, output) => {
    expect(renderTemplate(template, document)).toBe(output);
  });

  test.each([
    ["{{.Nothing}}", `template: :1:2: executing "" at <.Nothing>: map has no entry for key "Nothing"`],
    ["{{foo}}", 'template: :1: function "foo" not defined'],
    ["{{$x}}", 'template: :1: undefined variable "$x"'],
    ["\n{{if .Id}}", "template: :2: unexpected EOF"],
    ["{{.Id", "template: :1: unclosed action"],
    ["{{`", "template: :1: unterminated raw quoted string"],
    ["{{(.Id}}", "template: :1: unclosed left paren"],
    ["{{break}}", "template: :1: {{break}} outside {{range}}"],
    ["{{.Id | 1}}", "template: :1: non executable command in pipeline stage 2"],
    [
      "{{join .Id}}",
      `template: :1:2: executing "" at <join .Id>: wrong number of args for join: want 2 got 1`,
    ],
    ["{{1 2}}", `template: :1:2: executing "" at <1>: can't give argument to non-function 1`],
    [
      "{{define `x`}}{{template `x`}}{{end}}{{template `x`}}",
      `template: :1:25: executing "" at <{{template \`x\`}}>: exceeded maximum template depth (1000)`,
    ],
  ])("%s fails", (template, message) => {
    expect(outcome(() => renderTemplate(template, document))).toBe(`template parsing error: ${message}`);
  });

  test("never throws anything but a TemplateError", () => {
    const pieces = [
      "{{",
      "}}",
      "-",
      " ",
      ".",
      "$",
      "x",
      "if",
      "end",
      "range",
      "(",
      ")",
      "|",
      '"',
      "`",
      ":=",
      "1",
      "\n",
      "eq",
    ];
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647);
    for (let round = 0; round < 3000; round += 1) {
      const text = Array.from({ length: random() % 12 }, () => pieces[random() % pieces.length]).join("");
      try {
        renderTemplate(text, document);
      } catch (error) {
        expect(error).toBeInstanceOf(TemplateError);
      }
    }
  });
});

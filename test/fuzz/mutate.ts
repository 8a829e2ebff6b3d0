import type { Random } from "./random.ts";

/** What may turn a text into something else: keywords, signs and characters that mean something somewhere. */
const pieces = [
  ..."\n\r\t\v\f\0 \\`\"'$#=-[]{}()<>:;,./?*!@%^&|+~\u00a0\u2028\uFEFF\uD800é漢🚀",
  ..."FROM AS RUN COPY ADD ENV ARG LABEL ONBUILD HEALTHCHECK CMD ENTRYPOINT SHELL VOLUME EXPOSE USER".split(
    " ",
  ),
  ..."WORKDIR STOPSIGNAL MAINTAINER NONE scratch".split(" "),
  ..."<<EOF <<-EOF <<'E' EOF ${ } :- :+ :? ## %% // $$ ${a:-${b}} [\" \"] ** !** *** [^ [a- ]".split(" "),
  ..."--mount=type= --from= --chown= --platform=$ --network= --security= --device= --exclude= --link=".split(
    " ",
  ),
  ..."type=cache,target= type=secret,id= type=bind,from= sharing=locked size=1g mode=0o7".split(" "),
  ..."# escape=` # check=skip=all;error=true # syntax=x __proto__ constructor toString".split(" "),
  "\\\n",
  "\\\n\n",
  "# escape=`\n",
  "# check=error=true\n",
  "\nFROM ",
  "\nONBUILD ONBUILD ",
  "9".repeat(400),
  "a".repeat(3000),
  "${a:-".repeat(50),
  "*a".repeat(40),
];

/** One to eight small changes. `other` is a text to borrow from. */
export function mutate(text: string, other: string, random: Random): string {
  let result = text;
  for (let left = 1 + random.below(8); left > 0; left -= 1) result = change(result, other, random);
  return result;
}

function change(text: string, other: string, random: Random): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.below(random.below(4) === 0 ? 200 : 6));
  const [before, part, after] = [text.slice(0, at), text.slice(at, end), text.slice(end)];
  switch (random.below(8)) {
    case 0:
      return before + after;
    case 1:
      return before + part + part + after;
    case 2:
      return before + random.pick(pieces) + after;
    case 3:
      return before + String.fromCharCode(random.below(0x180)) + after;
    case 4:
      return before + other.slice(random.below(other.length), random.below(other.length)) + part + after;
    case 5:
      return before;
    default:
      return before + random.pick(pieces) + part + after;
  }
}

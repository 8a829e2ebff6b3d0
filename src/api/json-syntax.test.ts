import { expect, test } from "bun:test";
import { jsonSyntaxError } from "./json-syntax.ts";

test.each<[string, string]>([
  ["{invalid json", "invalid JSON: invalid character 'i' looking for beginning of object key string"],
  ['{"a" 1}', "invalid JSON: invalid character '1' after object key"],
  ['{"a":1 "b"}', "invalid JSON: invalid character '\"' after object key:value pair"],
  ["[1 2]", "invalid JSON: invalid character '2' after array element"],
  ["[1,", "invalid JSON: unexpected EOF"],
  ['"a', "invalid JSON: unexpected EOF"],
  ["tru3", "invalid JSON: invalid character '3' in literal true (expecting 'e')"],
  ["x", "invalid JSON: invalid character 'x' looking for beginning of value"],
  ["'a'", "invalid JSON: invalid character '\\'' looking for beginning of value"],
  ['"\\q"', "invalid JSON: invalid character 'q' in string escape code"],
  ['"\\u12g4"', "invalid JSON: invalid character 'g' in \\u hexadecimal character escape"],
  ['"a\nb"', "invalid JSON: invalid character '\\n' in string literal"],
  ["{} trailing content", "unexpected content after JSON"],
  ["{}{}", "unexpected content after JSON"],
])("jsonSyntaxError(%p) says what Go's decoder says", (text, words) => {
  expect(jsonSyntaxError(text)).toBe(words);
});

test.each(['{"a":[1,-2.5e+3,true,false,null,"\\u00e9\\n"],"b":{}}', " [] ", '"x"', "0"])(
  "jsonSyntaxError(%p) finds nothing wrong",
  (text) => {
    expect(jsonSyntaxError(text)).toBeUndefined();
  },
);

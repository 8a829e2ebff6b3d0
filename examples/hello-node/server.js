import { createServer } from "node:http";
import { hostname } from "node:os";
import ms from "ms";

const started = Date.now();

createServer((request, response) => {
  response.end(`Hello from ${hostname()}, up for ${ms(Date.now() - started)}\n`);
}).listen(80);

/** `ask.ts tcp|udp HOST PORT`: prints what the echo server there answers; exit code 1 when nothing comes in time. */
import { askTcp, askUdp } from "./ask-functions.ts";

const [protocol, host = "", port = ""] = process.argv.slice(2);
try {
  console.log(await (protocol === "udp" ? askUdp : askTcp)(host, Number(port)));
} catch (error) {
  console.error(String(error));
  process.exit(1);
}
process.exit(0);

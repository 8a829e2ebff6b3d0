/** Answers on TCP and UDP port `argv[2]`, over IPv4 and IPv6, with `<name> <address of the client>`. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const [port, name] = [Number(process.argv[2]), process.argv[3] ?? "server"];

createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => undefined);
  socket.resume().on("end", () => socket.end(`${name} ${socket.remoteAddress ?? ""}`));
}).listen(port, "::", () => {
  const udp = createSocket("udp6");
  udp.on("message", (_data, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
  udp.bind(port, "::", () => console.log("ready"));
});

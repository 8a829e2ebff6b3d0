import { createSocket } from "node:dgram";
import { connect } from "node:net";

const timeoutMs = 1500;

/** Ends its side, then reads all the other says. Rejects when refused or too slow. */
export function askTcp(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect({ host, port, allowHalfOpen: true }, () => socket.end("hello"));
    const timer = setTimeout(() => socket.destroy(new Error("timeout")), timeoutMs);
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(timer);
      if (answer === "") reject(new Error("closed without an answer"));
      else resolve(answer);
    });
  });
}

export function askUdp(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const timer = setTimeout(() => socket.emit("error", new Error("timeout")), timeoutMs);
    const end = (): void => {
      clearTimeout(timer);
      socket.close();
    };
    socket.once("error", (error) => {
      end();
      reject(error);
    });
    socket.once("message", (data) => {
      end();
      resolve(data.toString());
    });
    socket.send("hello", port, host);
  });
}

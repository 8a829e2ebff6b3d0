/**
 * `slipway/testing`: containers for test suites, ready when they are handed over.
 *
 * @example
 * await using engine = await startEngine();
 * await using db = await startContainer(engine, { Image: "postgres:17", ports: [5432], wait: forLogLine("ready to accept", 2) });
 * connectTo(`postgres://${db.host}:${db.port(5432)}`);
 */
export { startContainer } from "./testing/start-container.ts";
export { StartedContainer, type StartOptions } from "./testing/started-container.ts";
export {
  forExit,
  forHealthy,
  forHttp,
  forLogLine,
  forPort,
  type WaitStrategy,
} from "./testing/wait-strategies.ts";

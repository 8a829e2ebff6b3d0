import { engineContract } from "./engine-contract.ts";
import { EngineProcess } from "./lab.ts";

engineContract("RemoteEngine", () => EngineProcess.start());

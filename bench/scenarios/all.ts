import type { Scenario } from "../scenario.ts";
import { apiScenarios } from "./api.ts";
import { buildScenarios } from "./build.ts";
import { copyScenarios } from "./copy.ts";
import { growthScenarios } from "./growth.ts";
import { listScenarios } from "./list.ts";
import { manyScenarios } from "./many.ts";
import { memoryScenarios } from "./memory.ts";
import { registryScenarios } from "./registry.ts";
import { networkScenarios } from "./network.ts";
import { peakScenarios } from "./peaks.ts";
import { runScenarios } from "./run.ts";
import { shapeScenarios } from "./shapes.ts";
import { storeScenarios } from "./store.ts";
import { transferScenarios } from "./transfer.ts";

/** In the order they are measured: memory last, after all work. */
export const allScenarios: readonly Scenario[] = [
  ...runScenarios,
  ...listScenarios,
  ...apiScenarios,
  ...buildScenarios,
  ...copyScenarios,
  ...transferScenarios,
  ...shapeScenarios,
  ...registryScenarios,
  ...storeScenarios,
  ...growthScenarios,
  ...networkScenarios,
  ...manyScenarios,
  ...memoryScenarios,
  ...peakScenarios,
];

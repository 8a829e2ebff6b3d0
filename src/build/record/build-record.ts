import type { Digest } from "../../oci/digest.ts";

/** One step of a recorded build. */
export interface RecordedStep {
  /** `[build 2/6] RUN npm install` */
  readonly name: string;
  readonly stage?: string;
  /** Line of the Dockerfile. */
  readonly line?: number;
  /** `skipped`: the build ended before it began. */
  readonly outcome: "hit" | "done" | "failed" | "skipped";
  /** ms from its start to its end; 0 for a hit */
  readonly durationMs: number;
  /** ms from the build's start to its own; absent when it never began, and in records of older engines */
  readonly startMs?: number;
  /** The steps it waited for, by their index in the record. */
  readonly inputs?: readonly number[];
  /** Why it was no hit. */
  readonly causes?: readonly string[];
  readonly error?: string;
}

/** What is kept of a build when it has ended. No secret, no output, no value of a build argument but in causes. */
export interface BuildRecord {
  /** 12 hexadecimal digits */
  readonly id: string;
  /** The context and Dockerfile: builds of one project are compared with each other. */
  readonly project: string;
  readonly tags: readonly string[];
  readonly target?: string;
  /** ms since the epoch */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: "done" | "failed" | "cancelled";
  readonly imageID?: Digest;
  readonly error?: string;
  readonly steps: readonly RecordedStep[];
}

/** A record with what other builds of the project teach about it. */
export interface BuildReport extends BuildRecord {
  /** Sentences; empty when there is nothing to say. */
  readonly advice: readonly string[];
}

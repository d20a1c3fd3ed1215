import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { RegnetError } from "@regnet/core";
import * as z from "zod";
import { Claim, describeOwner, type FoundClaim, newestClaim } from "./claim.js";
import { Heart, HeartbeatWatch, patienceWith, SHARED_INTERVAL } from "./heartbeat.js";
import { readJson, writeAtomically } from "./storage.js";
import type { Study } from "./study.js";

const stopSchema = z.strictObject({ generation: z.number().int().positive() });
const POLL_SECONDS = 1;

/** Where a study is, whatever its document says. */
export type StudyPlace = Pick<Study, "folder" | "layout">;

/** Why a coordinator stops where another took it for dead: what runs for the study is the other's from then on. */
export class Replaced extends Error {}

/** The process that may sample a study, hand out its trials and write its index. One at a time. */
export class Coordinator {
  private constructor(
    private readonly study: StudyPlace,
    private readonly claim: Claim,
    readonly heart: Heart,
  ) {}

  /**
   * Becomes the coordinator of a study.
   * @param onWait told once where a coordinator on another machine may be dead, and its heartbeat has to be watched
   * @throws RegnetError where another process is the coordinator, or where the signal is aborted meanwhile
   */
  static async become(study: StudyPlace, onWait: (note: string) => void, signal?: AbortSignal): Promise<Coordinator> {
    const place = study.layout.coordinator;
    const watch = new HeartbeatWatch();
    for (let waited = false; ; ) {
      const newest = newestClaim(place);
      const state = watch.judge(newest);
      if (state === "held") throw occupied(study, newest);
      const claim = state === "free" ? Claim.take(place, newest, SHARED_INTERVAL) : undefined;
      if (claim) return Coordinator.start(study, claim, newest);
      if (state === "unknown" && !waited) onWait(watching(newest));
      waited ||= state === "unknown";
      await setTimeout(POLL_SECONDS * 1000, undefined, { signal }).catch(() => {
        throw new RegnetError(`stopped before the study ${study.folder} was begun: nothing was changed`);
      });
    }
  }

  private static start(study: StudyPlace, claim: Claim, previous: FoundClaim | undefined): Coordinator {
    const heart = new Heart(SHARED_INTERVAL);
    heart.follow(claim.heartbeat);
    if (previous) claim.forget(previous);
    return new Coordinator(study, claim, heart);
  }

  /** Why this coordinator has to stop: someone asked it to, or took it for dead. What cannot be read is no reason. */
  get reasonToStop(): Error | undefined {
    try {
      if (this.claim.isSuperseded()) return new Replaced("another process took the study over, and goes on with it");
      return this.isAsked ? new Error("stopped on request: the running trials leave checkpoints") : undefined;
    } catch {
      return undefined;
    }
  }

  private get isAsked(): boolean {
    const request = stopSchema.safeParse(readJson(this.study.layout.stopRequest));
    return request.success && request.data.generation === this.claim.generation;
  }

  async end(): Promise<void> {
    await this.heart.stop();
    try {
      if (this.isAsked) rmSync(this.study.layout.stopRequest, { force: true });
      rmSync(this.claim.heartbeat, { force: true });
      this.claim.release("finished");
    } catch {
      // A full or read-only disk: this process's end gives the claim back as well.
    }
  }
}

/** The claim of the coordinator at work, or undefined where there is none. One on another machine counts as at work. */
export function activeCoordinator(study: Study): FoundClaim | undefined {
  const newest = newestClaim(study.layout.coordinator);
  return new HeartbeatWatch().judge(newest) === "free" ? undefined : newest;
}

/** Asks the coordinator at work, wherever it runs, to stop. @returns who was asked, or undefined where nobody works */
export function requestStop(study: Study): FoundClaim | undefined {
  const active = activeCoordinator(study);
  if (active) writeAtomically(study.layout.stopRequest, `${JSON.stringify({ generation: active.generation })}\n`);
  return active;
}

function occupied({ folder }: StudyPlace, claim: FoundClaim | undefined): RegnetError {
  const who = describeOwner(claim?.record?.owner);
  const remedy = `watch it with regnet study status, or end it with regnet study stop ${folder}`;
  return new RegnetError(`the study ${folder} is being run by ${who}; ${remedy}`, "unsupported", folder);
}

function watching(claim: FoundClaim | undefined): string {
  const who = describeOwner(claim?.record?.owner);
  return `${who} may be running this study: watching its heartbeat for ${patienceWith(claim)} s`;
}

import { setTimeout } from "node:timers/promises";
import { Heart, HeartbeatWatch, SHARED_INTERVAL } from "./heartbeat.js";
import { runTrial, type TrialOptions, type TrialOutcome } from "./runTrial.js";
import type { Study } from "./study.js";

/** Between two looks at a trial that another machine may still be at, in milliseconds. */
const POLL = 1000;

/**
 * Runs one trial in this process, with a heartbeat that other machines can see, for schedulers of one's own. Where
 * another machine may be at it, its heartbeat is watched first, for about a minute.
 *
 * @throws as `runTrial`
 */
export async function runSingleTrial(
  study: Study,
  id: number,
  options: Omit<TrialOptions, "heart" | "watch"> & { readonly interval?: number } = {},
): Promise<TrialOutcome> {
  const heart = new Heart(options.interval ?? SHARED_INTERVAL);
  const watch = new HeartbeatWatch();
  try {
    for (;;) {
      const outcome = await runTrial(study, id, { ...options, heart, watch });
      if (outcome.kind !== "held" || outcome.sure || options.signal?.aborted) return outcome;
      await setTimeout(POLL);
    }
  } finally {
    await heart.stop();
  }
}

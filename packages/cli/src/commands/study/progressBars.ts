import type { Study } from "@regnet/study";
import { MultiBar, type SingleBar } from "cli-progress";
import { percent } from "./format.js";
import type { StudyProgress } from "./progress.js";
import { Tally } from "./tally.js";

/** A bar for the study, and one for every place where a trial runs. */
export function bars(study: Study): StudyProgress {
  const { epochs } = study.spec;
  const tally = new Tally();
  const options = { format: "{bar} {value}/{total} {what}", hideCursor: true, stopOnComplete: false, barsize: 24 };
  const multi = new MultiBar({ ...options, stream: process.stderr, clearOnComplete: true, noTTYOutput: false });
  let total: SingleBar | undefined;
  const slots = new Map<number, SingleBar>();
  const summary = () => {
    const failed = tally.failed > 0 ? `${tally.failed} failed` : "";
    return ["trials", tally.bestText, failed, tally.left].filter(Boolean).join(", ");
  };
  const slotBar = (slot: number) => {
    const bar = slots.get(slot) ?? multi.create(epochs, 0, { what: "" });
    slots.set(slot, bar);
    return bar;
  };
  let ended = false;
  return {
    observer: {
      onPlan: (plan) => {
        tally.plan(plan);
        total = multi.create(tally.trials, tally.finished, { what: summary() });
      },
      onBegin: (id, slot) => slotBar(slot).update(0, { what: `trial ${id}` }),
      onEpoch: (id, metrics, slot) =>
        slotBar(slot).update(metrics.epoch, { what: `trial ${id}, error ${percent(metrics.error)}` }),
      onLeave: (slot) => {
        const bar = slots.get(slot);
        if (bar) multi.remove(bar);
        slots.delete(slot);
      },
      onFinished: (record) => {
        tally.add(record);
        total?.update(tally.finished, { what: summary() });
      },
      onNote: (text) => multi.log(`${text}\n`),
    },
    end: () => {
      if (!ended) multi.stop();
      ended = true;
    },
  };
}

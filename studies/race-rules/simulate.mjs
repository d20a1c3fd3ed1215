// How often does the race throw out the better network? Simulates races by the rules that `design` uses, with entrants
// whose final errors, early errors and noise are drawn.
//
//   node studies/race-rules/simulate.mjs [--races 400] [--out studies/race-rules/results.json]
//
// An entrant's final error is normal around a mean. What is seen after a rung is partly its final error, partly its speed of
// learning (which says nothing of the end, and matters less the later the rung), plus noise: of the seed and of the images
// counted. The regret is what the winner's final error is above that of the best entrant.
import { writeFileSync } from "node:fs";
import { randomFor, uniform } from "@regnet/core";
import { planRace, standingOf, TRAINING_NOISE } from "@regnet/study";
import { argumentsOf } from "../../bench/arguments.mjs";

const { values } = argumentsOf(import.meta.url, { races: 400, out: "studies/race-rules/results.json" });

/** Error, spread of the entrants' final errors, images that errors are counted on, seconds of the whole design. */
const SETS = {
  "Fashion-MNIST, 3 min": { error: 0.08, spread: 0.006, images: 5000, work: 168 },
  "CIFAR-10, 10 min": { error: 0.28, spread: 0.02, images: 2500, work: 580 },
  "Imagenette, 10 min": { error: 0.22, spread: 0.03, images: 500, work: 580 },
};
/** Share of the spread after the first rung that is the speed of learning alone; each rung leaves this much of it. */
const MISLEADING = [0.3, 0.6, 0.9];
const FADES = 0.6;

const rows = [];
for (const [name, set] of Object.entries(SETS)) {
  for (const misleading of MISLEADING) {
    const random = randomFor(0, `${name} ${misleading}`);
    const races = Array.from({ length: values.races }, () => race(set, misleading, random));
    const plan = planOf(set);
    rows.push({
      ...{ set: name, misleading, entrants: plan.rungs.map(({ entrants }) => entrants) },
      exploring: plan.exploring / set.work,
      /** Share of races in which the best entrant fell; and in which it fell as one that can no longer win. */
      lost: mean(races.map(({ regret }) => Number(regret > 0))),
      beaten: mean(races.map(({ fall }) => Number(fall?.why === "beaten"))),
      regret: mean(races.map(({ regret }) => regret)),
      /** Of a winner drawn at random. */
      chance: mean(races.map(({ chance }) => chance)),
      /** Share of races that ended before their last rung. */
      early: mean(races.map(({ rungs }) => Number(rungs < plan.rungs.length))),
    });
  }
}
writeFileSync(values.out, `${JSON.stringify({ races: values.races, noise: TRAINING_NOISE, rows }, undefined, 1)}\n`);
for (const row of rows) {
  const share = (x) => `${(100 * x).toFixed(1)} %`;
  console.log(
    `${row.set}, misleading ${row.misleading}: best lost ${share(row.lost)} (as beaten ${share(row.beaten)}), regret ${(100 * row.regret).toFixed(2)} ` +
      `points (chance ${(100 * row.chance).toFixed(2)}), ended early ${share(row.early)}`,
  );
}

function planOf({ work }) {
  return planRace({ work, unit: "seconds", processes: 2, overhead: 1.5, least: 2 });
}

function race({ error, spread, images, work }, misleading, random) {
  const plan = planOf({ work });
  const count = plan.rungs[0]?.entrants ?? 1;
  const final = Array.from({ length: count }, () => Math.max(0.01, error + spread * normal(random)));
  const speed = Array.from({ length: count }, () => spread * normal(random));
  const entrants = final.map((_, id) => ({ id, origin: "drawn" }));
  const observations = [];
  for (let rungs = 0; ; ) {
    const { action, falls } = standingOf({ plan, entrants, observations });
    if (action.kind !== "train") {
      const best = Math.min(...final);
      const fall = falls.find(({ entrant }) => final[entrant] === best);
      return { rungs, fall, regret: final[action.entrant] - best, chance: mean(final) - best };
    }
    rungs++;
    // Early errors are larger: the whole field stands higher, and what is known of the end is spread over as much.
    const early = 0.5 ** (plan.rungs.length - action.rung);
    const weight = Math.sqrt(misleading) * FADES ** action.rung;
    for (const id of action.entrants) {
      const level = error + (1 - error) * 0.5 * early;
      const told = Math.sqrt(1 - weight ** 2) * (final[id] - error) + weight * speed[id];
      const true_ = clamp(level + 1.5 * told);
      const seen = true_ + TRAINING_NOISE * normal(random) + Math.sqrt((true_ * (1 - true_)) / images) * normal(random);
      observations.push({ rung: action.rung, entrant: id, images, error: clamp(seen) });
    }
  }
}

function clamp(error) {
  return Math.min(0.99, Math.max(0.001, error));
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random));
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

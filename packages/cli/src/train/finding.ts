import type { FinderHooks, LearningRateFinding } from "@regnet/train";
import { print } from "../commands/study/format.js";
import { dataProgressText } from "../data/progress.js";
import { bar, type LiveLine } from "../liveLine.js";

const LEVELS = "▁▂▃▄▅▆▇█";
const WIDTH = 60;
/** Growth of the loss beyond which the picture tells no more. */
const EXPLODED = 1.2;

/** Tells how a search goes. */
export function finderHooks(line: LiveLine): FinderHooks {
  return {
    onDataProgress: (progress) => line.show(dataProgressText(progress)),
    onNote: (note) => line.line(`note: ${note}`),
    onStep: ({ learningRate, smoothed }, step, steps) =>
      line.show(`${bar(step / steps)} lr ${rate(learningRate)}  loss ${smoothed.toFixed(3)}`),
  };
}

/** Shows how the loss went as the learning rate rose, and what follows. */
export function printFinding({ curve, suggestion, steepest, edge }: LearningRateFinding): void {
  if (curve.length === 0) {
    print("the loss was no number from the first step on: look at the data and the recipe");
    return;
  }
  const losses = curve.map(({ smoothed }) => smoothed);
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const top = Math.min(high, EXPLODED * losses[0]);
  const level = (loss: number) =>
    LEVELS[Math.min(LEVELS.length - 1, Math.floor((LEVELS.length * (loss - low)) / (top - low || 1)))];
  const stride = Math.max(1, curve.length / WIDTH);
  let line = "";
  for (let at = 0; at < curve.length; at += stride) line += level(losses[Math.floor(at)]);
  print(
    `loss ${low.toFixed(2)}…${high.toFixed(2)} while the learning rate rises from ${rate(curve[0].learningRate)} to ${rate(curve[curve.length - 1].learningRate)}:`,
  );
  print(line);
  print(`it falls fastest at ${steepest ? rate(steepest) : "none"}, and first rises at ${edge ? rate(edge) : "none"}`);
  print(suggestion ? `suggestion: --lr ${suggestion}` : "no suggestion: the loss neither falls nor rises");
}

function rate(value: number): string {
  return value.toPrecision(2);
}

/** Every text of a report, in English. `zh.ts` has the same keys. Functions take what a sentence speaks about. */
export const en = {
  htmlLang: "en",
  chart: {
    topOneError: "top-1 error on validation images",
    cumulative: "share of networks",
    band: { dkw: "95 % band of the whole curve (DKW)", bootstrap: "95 % band at each error (bootstrap)" },
    edf: "Error distributions",
    bandsBelow: "Every population. Each one's band is in a picture of its own below, before the others in grey.",
    best: "most likely best",
    worst: "Worst networks",
    front: "Pareto front",
    blockIndex: "block",
    block: "block",
    width: "width (channels)",
    blockWidth: "block widths",
    line: "the line u = w0 + wa·j",
    networksTried: "networks tried (k)",
    bestError: "expected error of the best",
    efficiency: "Expected error of the best of k random networks",
    lineFit: "e_fit: mean log-ratio to the nearest quantised line",
    predicted: "predicted (ms)",
    measured: "measured (ms)",
    race: "The race: validation error against seconds of training",
    rungs: "rungs",
    trainingSeconds: "seconds of training, with the whole machine",
    chosen: "chosen",
    law: "power law through the best",
    metric: {
      flops: "flops (multiply-adds)",
      params: "parameters",
      acts: "activations",
      memory: "peak memory at inference (bytes)",
      latency: "latency on this device (ms an image)",
    },
    quantity: {
      params: "parameters",
      acts: "activations",
      depth: "depth d (blocks)",
      w0: "w0",
      wa: "wa",
      wm: "wm",
      g: "group width g",
    },
  },
  duration: {
    seconds: (seconds: string) => `${seconds} s`,
    minutes: (minutes: number, seconds: string) => `${minutes} min ${seconds} s`,
    hours: (hours: number, minutes: string) => `${hours} h ${minutes} min`,
  },
  design: {
    title: (data: string) => `A network for ${data}`,
    familyTitle: (networks: number, data: string) => `${networks} networks for ${data}`,
    processors: (n: number) => (n === 1 ? "1 processor" : `${n} processors`),
  },
  page: {
    contents: "Contents",
    made: (date: string) => `made ${date}`,
    accuracy: "top-1 accuracy",
    onValidation: (n: number) => `on ${n} validation images`,
    onHeldOut: (n: number) => `on the ${n} images held out, which nothing was chosen on`,
    won: "won, and was trained to the end",
    fell: (rung: number, why: string) => `out after rung ${rung}: ${why}`,
    why: {
      failed: "it could not be trained",
      beaten: "behind by more than chance explains",
      rank: "not among the best, and no time to tell",
    },
    trials: (done: number, failed: number) =>
      `${done === 1 ? "1 trained network" : `${done || "no"} trained networks`}${failed > 0 ? `, ${failed} failed` : ""}`,
    filter: "Filter",
    filterHint: "words, or for instance d>12 error<20",
    all: "all populations",
    previous: "Previous",
    next: "Next",
    file: "file",
    size: "size",
    purpose: "what for",
    files: "Files",
    purposes: {
      onnx: "runs anywhere ONNX does; knows its classes, size and normalisation",
      int8: "the same in 8 bits",
      safetensors: "weights for further training here",
      pytorch: "weights and the lines that load them in PyTorch",
    },
    interval: "95 % interval",
    best: "The best",
    worst: "The worst",
    points: "points",
    pairs: "Every pair",
    trends:
      "What grows with the budget (filled: the best quarter of each budget, which the line goes through; diamonds: the networks chosen)",
    widths: "Widths over the blocks",
    paretoNote: {
      counted: "Counted.",
      memory: (n: number, all: number) =>
        `Weights and activations alive at once at inference, one image, in float32: counted from the graph${n < all ? ` of ${n} of the ${all} networks, evenly from best to worst` : ""}.`,
      latency: (measured: number, predicted: number) =>
        predicted === 0
          ? "Measured on this device, one image at a time."
          : `Filled: the ${measured} networks measured on this device, one image at a time. Hollow: ${predicted} predicted by the latency model below.`,
    },
    fitError: (error: string) => `Mean error for a network left out: ${error}.`,
  },
  section: {
    winner: "The network",
    race: "The race",
    decisions: "What was decided, and why",
    edf: "Error distributions",
    normalised: "With complexity made equal",
    comparison: "Does one space beat another?",
    ranges: "Where the good networks are",
    pareto: "Error against cost",
    profiles: "Width profiles of the best and the worst",
    lineFit: "Do free-form networks follow a line?",
    efficiency: "Best of k",
    trends: "Trends against flops",
    latency: "Latency on this device",
    family: "One network per budget",
    trials: "Every trial",
    reproduce: "How to reproduce this",
  },
  lead: {
    winner:
      "Widths over the blocks: the staircase is the network, the dashed line is u = w0 + wa·j, from which the rule quantised it.",
    race: "Every network was trained on the same images in the same order, two or more at once; the axis counts the seconds that the whole machine would have needed. Dotted lines are the rungs: there the worse networks fall and the others go on from where they are. Errors between rungs are those of averaged weights at a constant learning rate, which then falls for the winner alone.",
    edf: "The share of networks with at most a given error; further left is better. The legend reads networks | least error | mean error (%). Shaded is a 95 % band, one of two: the band of Dvoretzky, Kiefer and Wolfowitz holds for the whole curve at once; the bootstrap's, from 1,000 resamples of the networks, holds at any one error.",
    normalised:
      "The same, every network weighted so that all populations have the same distribution of flops: what remains is not due to size.",
    comparison:
      "Difference of the mean errors with its 95 % bootstrap interval, and the two-sample Kolmogorov–Smirnov test. A verdict is given only where the interval excludes zero.",
    ranges:
      "The paper's bootstrap: a quarter of the networks drawn with replacement, the best one's parameter noted, 10,000 times. Shaded is the 95 % interval, the line is the most likely best value.",
    pareto: "Every network trained; the steps are those that no other beats in both error and cost.",
    profiles: "Each line is one network's width over its blocks, the best and the worst of the population.",
    lineFit:
      "For each free-form network the nearest quantised line of equal depth was sought; e_fit is how far it stays from it. Good networks cluster at small e_fit where the rule holds.",
    efficiency:
      "What random search in each space would give: the expected least error of k networks, with the band that nine searches in ten keep.",
    trends:
      "A power law fitted to the best tenth of the networks of each flops bin (filled); its exponent's interval is a bootstrap's over the networks.",
    latency:
      "t = a·flops + b·acts + c·depth + d (or √flops in place of acts), fitted to networks measured on this device, with no coefficient below zero.",
    family:
      "One race a budget. The lines show how the parameters of the networks drawn grow with the budget, through the best quarter of each.",
    trials: "Click a heading to sort; filter by words or by comparisons of columns.",
    reproduceDesign:
      "The same command with the same seed draws the same networks in the same order and trains them under the same recipe. How many steps each takes in its time depends on the machine and on what else it does, and what keeps to a latency on the latencies measured: so do the accuracies, and with them who wins. With a number of steps in place of a time the same request gives the same bits on the same machine.",
    reproduce:
      "The same command with the same seed gives the same networks; the same engine and number of threads gives the same accuracies.",
  },
  column: {
    id: "trial",
    name: "network",
    population: "population",
    error: "error",
    accuracy: "accuracy",
    flops: "flops",
    params: "params",
    acts: "acts",
    latency: "latency",
    latencyFrom: "latency is",
    memory: "memory",
    seconds: "training",
    widths: "widths",
    depths: "depths",
    groupWidths: "groups",
    epochs: "epochs",
    int8: "int8 accuracy",
    parameter: "parameter",
    sampled: "sampled",
    best: "most likely best",
    range: "95 % interval",
    from: "space",
    against: "against",
    difference: "mean error difference (points)",
    statistic: "KS statistic",
    p: "p",
    verdict: "verdict",
    origin: "from",
    fate: "in the race",
    budget: "budget",
    stage: "stage",
    width: "width",
    depth: "blocks",
    groupWidth: "group width",
    front: "front",
  },
  origin: { drawn: "drawn", rule: "the rule", published: "published, scaled", pretrained: "published weights" },
  latencyFrom: { measured: "measured", predicted: "predicted" },
  verdict: {
    better: "better, with 95 % confidence",
    worse: "worse, with 95 % confidence",
    undecided: "no difference shown",
  },
  claim: {
    heading: "the paper's step",
    says: "the paper says",
    here: "here",
    same: "no loss",
    better: "better",
    holds: "holds",
    not: "does not hold",
    open: "not shown at this scale",
    sameShown: (points: string) => `no loss above ${points} points (95 %)`,
  },
  reproduce: {
    command: "command",
    seed: "seed",
    versions: "versions",
    machine: "machine",
    engine: "engine",
    data: "data",
    took: "took",
    recipe: "recipe",
    space: "space",
    limits: "limits",
  },
} as const;

/** The texts of one language: the shape of the English ones. */
export type Messages = Texts<typeof en>;
type Texts<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Texts<T[K]>;
};

import type { Decision, DesignHooks, DesignProgress, DesignStep, Language } from "@regnet/study";
import pc from "picocolors";

/** Shows how a design goes on, on the error stream. */
export interface DesignView {
  readonly hooks: DesignHooks;
  /** Clears the line of progress. Safe to call twice. */
  end(): void;
}

export interface ViewOptions {
  readonly style: "line" | "lines" | "none";
  readonly words: (decision: Decision) => { readonly title: string; readonly text: string };
  readonly language: Language;
  readonly stream: NodeJS.WriteStream;
}

const TITLES: Record<Language, Record<DesignStep, string>> = {
  en: {
    data: "opening images",
    space: "looking at the space",
    latency: "measuring latency",
    speed: "measuring speed",
    plan: "planning",
    entrants: "choosing entrants",
    rung: "racing",
    measure: "measuring the best",
    finish: "training the winner",
    export: "exporting",
    report: "writing the report",
  },
  zh: {
    data: "读取图像",
    space: "检查设计空间",
    latency: "测量延迟",
    speed: "测量速度",
    plan: "制定计划",
    entrants: "选出参赛网络",
    rung: "比赛",
    measure: "测量前沿网络",
    finish: "训练胜出网络",
    export: "导出",
    report: "生成报告",
  },
};
const PAUSE = 100;
const WIDTH = 24;

export function createView({ style, words, language, stream }: ViewOptions): DesignView {
  if (style === "none") return { hooks: {}, end: () => undefined };
  const line = new ProgressLine(stream, style === "line");
  const titles = TITLES[language];
  return {
    hooks: {
      onStep: (step, kept) => !kept && line.show(titles[step], true),
      onProgress: (progress) => line.show(progressText(titles[progress.step], progress)),
      onDecision: (decision) => {
        const { title, text } = words(decision);
        line.print(`${pc.bold(title)}  ${text}`);
      },
      onNote: (note) => line.print(pc.dim(note)),
    },
    end: () => line.clear(),
  };
}

/** `exploring ███████░░░ 12/30, best error 14.2 %, 1:12 of 3:00` */
function progressText(title: string, { done, total, best, spent, budget }: DesignProgress): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * WIDTH);
  const bar = `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)}`;
  const count = total > 0 ? `${Math.round(done)}/${Math.round(total)}` : String(Math.round(done));
  const error = best === undefined ? "" : `  error ${(100 * best).toFixed(1)} %`;
  return `${title} ${bar} ${count}${error}  ${clock(spent)} / ${clock(budget)}`;
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** One line that is written over on a terminal, and left out elsewhere. */
class ProgressLine {
  private shown = false;
  private last = 0;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly live: boolean,
  ) {}

  show(text: string, always = false): void {
    const now = performance.now();
    if (!this.live || (!always && now - this.last < PAUSE)) return;
    this.last = now;
    this.stream.write(`\r\x1b[2K${text.slice(0, (this.stream.columns ?? 100) - 1)}`);
    this.shown = true;
  }

  print(text: string): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  clear(): void {
    if (this.shown) this.stream.write("\r\x1b[2K");
    this.shown = false;
  }
}

import type { DecisionFacts } from "../../analysis/decision.js";
import { count, duration, percent, plain, significant } from "../format.js";
import type { DecisionText } from "./decisionsEn.js";
import { zh } from "./zh.js";

/** A decision in Chinese. */
export function decisionZh(d: DecisionFacts): DecisionText {
  switch (d.step) {
    case "data":
      return {
        title: "数据",
        text: `${d.name}：${d.classes} 类，训练图像 ${d.train} 张，验证图像 ${d.validation} 张，${d.test ? `留出 ${d.test} 张` : "图像太少，未留出"}；网络输入为 ${d.channels} × ${d.resolution} × ${d.resolution}。`,
      };
    case "space":
      return {
        title: "空间",
        text: `${d.space}，根据图像尺寸采用 ${d.stem} 干层${d.stemWidth === undefined ? "" : `（${d.stemWidth} 通道）`}和 ${stages(d.stages)} 个阶段。限制：${limits(d.limits)}。抽样中 ${significant(100 * d.acceptance)} % 满足限制。${passedOver(d.passedOver)}`,
      };
    case "speed":
      return {
        title: "本机速度",
        text: `${d.budget === undefined ? "" : `预算 ${count(d.budget)}：`}计算量为 ${count(d.flops)} flops 的网络每秒训练 ${count(d.imagesPerSecond)} 张图像（${d.engine}，${d.precision}）。`,
      };
    case "latency":
      return {
        title: "延迟模型",
        text: `由本机实测的 ${d.networks} 个网络拟合；留一预测的平均误差为 ${percent(d.error)}。`,
      };
    case "plan":
      return { title: "计划", text: plan(d) };
    case "entrants":
      return { title: "参赛网络", text: entrants(d) };
    case "rung":
      return { title: `第 ${d.rung} 级`, text: rung(d) };
    case "finish":
      return { title: "胜出网络", text: finish(d) };
    case "measure":
      return {
        title: "前沿网络的延迟",
        text: `${d.networks} 个网络中，实测了错误率—延迟前沿上的 ${d.measured} 个；模型此前的平均偏差为 ${percent(d.error)}。`,
      };
    case "export":
      return {
        title: "导出",
        text: `${d.files} 个文件。${d.int8 === undefined ? "" : `int8 量化后在 ${d.images} 张验证图像上的准确率为 ${percent(d.int8, 2)}（fp32 在全部验证图像上为 ${percent(d.accuracy, 2)}）。`}`,
      };
    default:
      return d satisfies never;
  }
}

function passedOver(spaces: readonly string[] = []): string {
  return spaces.length > 0 ? `此前尝试的空间中满足限制的网络太少：${spaces.join("、")}。` : "";
}

function stages([least, most]: readonly [number, number]): string {
  return least === most ? String(least) : `${least} 至 ${most}`;
}

function limits(all: Readonly<Record<string, string>>): string {
  const parts = Object.entries(all).map(([name, range]) => `${name} ${range}`);
  return parts.length > 0 ? parts.join("，") : "无";
}

type Plan = Extract<DecisionFacts, { step: "plan" }>;

function plan({ budgets, rungs, exploring, epochs, budget, steps }: Plan): string {
  const [first] = rungs;
  const each = budgets === undefined ? "" : `${budgets} 个预算依次进行，每个预算`;
  const race =
    first === undefined
      ? "时间不足以比较网络，直接训练第一个网络"
      : `${each}先让 ${first} 个网络比赛，随后依次留下 ${[...rungs.slice(1), 1].join("、")} 个；未胜出的网络占训练时间的 ${percent(exploring, 0)}。最后一个训练到底`;
  const given = steps === undefined ? `给定时间 ${duration(budget ?? 0, zh.duration)}` : `共 ${steps} 步`;
  return `${race}，约 ${plain(epochs)} 轮；${given}。`;
}

function entrants({
  drawn,
  rule,
  published,
  pretrained = [],
  slow,
}: Extract<DecisionFacts, { step: "entrants" }>): string {
  const known = [
    ...pretrained.map((name) => `带预训练权重的 ${name}`),
    ...(rule ? [`规则为此预算给出的 ${rule}`] : []),
    ...(published ? [`按预算缩放的已发表网络 RegNetY-200MF（${published}）`] : []),
  ];
  const more = drawn === 0 ? [] : [`从空间中抽取的 ${drawn} 个网络`];
  return `${[...known, ...more].join("；")}。${slow > 0 ? `另有 ${slow} 个网络实测延迟超限。` : ""}`;
}

function rung(d: Extract<DecisionFacts, { step: "rung" }>): string {
  const each = d.unit === "seconds" ? `整机 ${significant(d.until)} 秒` : `${d.until} 步`;
  const [leader] = d.ranked;
  const lead = leader ? `${leader.name} 领先，错误率 ${percent(leader.error)}。` : "";
  const others = d.kept.slice(1);
  const on = others.length > 0 ? `一同晋级：${others.join("、")}。` : "";
  const fallen = d.ranked.length - d.kept.length;
  const fell =
    fallen > 0
      ? `淘汰 ${fallen} 个，其中 ${d.beaten.length} 个的差距超出偶然（±${significant(100 * d.noise)} 个百分点）。`
      : "";
  const failed = d.failed.map(({ name, reason }) => `${name} 失败：“${reason}”。`).join("");
  return `每个网络训练 ${each} 之后：${lead}${on}${fell}${failed}`;
}

const ORIGINS = {
  drawn: "从空间中抽取的网络",
  rule: "规则给出的网络",
  published: "按预算缩放的已发表网络：抽取的网络都没有胜过它",
  pretrained: "带预训练权重的已发表网络",
} as const;

function finish(d: Extract<DecisionFacts, { step: "finish" }>): string {
  const held =
    d.test === undefined
      ? "没有留出图像，选择是在这些图像上做的，因此该数字偏乐观。"
      : `在 ${d.images} 张从未用于选择的留出图像上：${percent(d.test, 2)}（±${significant(100 * spread(d.test, d.images))}）。`;
  return `${d.name}，${ORIGINS[d.origin]}，共训练 ${plain(d.epochs)} 轮；在 ${d.validation} 张验证图像上的准确率为 ${percent(d.accuracy, 2)}。${held}`;
}

/** Half the 95 % interval of a share of so many images. */
function spread(share: number, images = 1): number {
  return 1.96 * Math.sqrt((share * (1 - share)) / images);
}

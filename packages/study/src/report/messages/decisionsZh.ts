import type { DecisionFacts, FailedTraining } from "../../analysis/decision.js";
import { count, duration, milliseconds, percent, plain, significant } from "../format.js";
import type { DecisionText } from "./decisionsEn.js";
import { zh } from "./zh.js";

/** A decision in Chinese. */
export function decisionZh(d: DecisionFacts): DecisionText {
  switch (d.step) {
    case "data":
      return {
        title: "数据",
        text: `${d.name}：${d.classes} 类，训练图像 ${d.train} 张，验证图像 ${d.validation} 张；网络输入为 ${d.channels} × ${d.resolution} × ${d.resolution}。`,
      };
    case "space":
      return {
        title: "空间",
        text: `${d.space}，根据图像尺寸采用 ${d.stem} 干层${d.stemWidth === undefined ? "" : `（${d.stemWidth} 通道）`}和 ${stages(d.stages)} 个阶段。限制：${limits(d.limits)}。抽样中 ${significant(100 * d.acceptance)} % 满足限制。${passedOver(d.passedOver)}`,
      };
    case "speed":
      return {
        title: "本机速度",
        text: `计算量为 ${count(d.flops)} flops 的网络每秒训练 ${count(d.imagesPerSecond)} 张图像（${d.engine}，同时训练 ${d.processes} 个网络）。`,
      };
    case "latency":
      return {
        title: "延迟模型",
        text: `由本机实测的 ${d.networks} 个网络拟合；留一预测的平均误差为 ${percent(d.error)}。`,
      };
    case "plan":
      return {
        title: "计划",
        text: `${d.budgets === undefined ? plan(d) : familyPlan(d)}：预计约需 ${duration(d.expected, zh.duration)}，给定时间 ${duration(d.budget, zh.duration)}。`,
      };
    case "explore":
      return {
        title: "探索",
        text: `${budget(d.budget)}训练了 ${d.trained} 个网络${failed(d.failed)}；最低错误率 ${percent(d.best)}，平均 ${percent(d.mean)}。${stopped(d.stopped)}`,
      };
    case "narrow":
      return {
        title: "收窄范围",
        text:
          d.ranges.length === 0
            ? `${nothingNarrowed(d)}，空间保持不变。`
            : `对 ${d.networks} 个网络做自助法：${d.ranges.map((r) => `${r.parameter} ${span(r.from)} → ${span(r.to)}`).join("，")}。其余参数的区间与采样范围同宽，保持不变。`,
      };
    case "rule":
      return {
        title: "规则",
        text: `综合全部预算的 ${d.networks} 个网络，共享：${d.shared.map((s) => `${s.parameter} ${plain(s.best)}（95 %：${span([s.low, s.high])}）`).join("、")}。随预算增长：${d.trends.map((t) => `${t.parameter} ∝ flops^${t.exponent.toFixed(2)}（95 %：${t.interval[0].toFixed(2)} 至 ${t.interval[1].toFixed(2)}）`).join("、")}。每个预算取最接近规则的网络。`,
      };
    case "members":
      return {
        title: "各预算的网络",
        text: `${d.members.map(member).join("；")}。网络系列每个预算一个网络，不训练基线。`,
      };
    case "family":
      return {
        title: "网络系列",
        text: d.members.map((m) => `${count(m.budget)}：${m.name}，${percent(m.accuracy, 2)}`).join("；"),
      };
    case "refine":
      return {
        title: "在范围内再次采样",
        text: `训练了 ${d.trained} 个网络${failed(d.failed)}；最低错误率 ${percent(d.best)}，平均 ${percent(d.mean)}（此前 ${percent(d.before)}；95 % 置信下相差 ${points(d.interval[0])} 至 ${points(d.interval[1])} 个百分点）。${stopped(d.stopped)}`,
      };
    case "unrefined":
      return {
        title: "在范围内再次采样",
        text: `${d.drawn === 0 ? "空间内没有更多满足限制的网络。" : `${d.drawn} 个网络均未训练完${failed(d.failed)}。`}${stopped(d.stopped)}决选网络来自探索轮。`,
      };
    case "measure":
      return {
        title: "前沿网络的延迟",
        text: `${d.networks} 个网络中，实测了错误率—延迟前沿上的 ${d.measured} 个；模型此前的平均偏差为 ${percent(d.error)}。`,
      };
    case "finalists":
      return {
        title: "决选",
        text: `两轮中错误率最低的网络：${d.ids.map((id, i) => `#${id}（${percent(d.errors[i])}）`).join("、")}。${d.dropped > 0 ? `另有 ${d.dropped} 个更好的网络在重新测量时延迟超限。` : ""}每个从头训练约 ${plain(d.epochs)} 轮。`,
      };
    case "train":
      return {
        title: "失败的训练",
        text: `${d.failed.map((one) => `${one.name}：${failure(one)}`).join("；")}。以下只涉及其余网络。`,
      };
    case "baseline":
      return {
        title: "基线",
        text: `${d.name} 缩放到 ${count(d.flops)} flops（在宽度允许的范围内最接近最大的决选网络），训练同样长的时间（${plain(d.epochs)} 轮），准确率为 ${percent(d.accuracy, 2)}。`,
      };
    case "choose":
      return {
        title: "选择",
        text: `${d.name}：在 ${d.validation} 张验证图像上准确率最高，为 ${percent(d.accuracy, 2)}${d.others.length > 0 ? `（其余：${d.others.map((a) => percent(a, 2)).join("、")}）` : ""}。${against(d)}`,
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

function failure(one: FailedTraining): string {
  if ("reason" in one) return `报错“${one.reason}”`;
  const { by, tail } = one.death;
  const how = typeof by === "number" ? `退出码 ${by}` : `被 ${by} 终止`;
  return `进程中途退出（${how}）${tail && `，最后输出“${tail}”`}`;
}

type Plan = Extract<DecisionFacts, { step: "plan" }>;

function plan({ networks, images, refined, finalists, baseline, fullEpochs }: Plan): string {
  const more = refined > 0 ? `，再在收窄的范围内训练 ${refined} 个` : "";
  return `先训练 ${networks} 个网络（每个 ${images} 张图像）${more}，最后将最好的 ${finalists} 个${baseline ? "与基线" : ""}各训练约 ${plain(fullEpochs)} 轮`;
}

function familyPlan({ budgets = 0, networks, images, fullEpochs }: Plan): string {
  return `为 ${budgets} 个预算各训练 ${networks} 个网络（每个 ${images} 张图像），再按所得规则为每个预算取一个网络，各训练约 ${plain(fullEpochs)} 轮`;
}

function nothingNarrowed({ networks, why }: Extract<DecisionFacts, { step: "narrow" }>): string {
  if (why === "few") return `${networks} 个网络太少，无法用自助法得出参数的区间`;
  if (why === "stagewise") return "这些网络的每个阶段各有参数，此类参数不收窄";
  return `对 ${networks} 个网络做自助法后，没有参数的 95 % 区间窄于采样范围`;
}

type Member = Extract<DecisionFacts, { step: "members" }>["members"][number];

function member({ budget: flops, name, latency, passed, slow }: Member): string {
  const measured = latency === undefined ? "" : `（${milliseconds(latency)}）`;
  const why = slow
    ? `，最接近规则的 ${passed + 1} 个网络实测均超出延迟，取其中最快者`
    : passed > 0
      ? `，另有 ${passed} 个更接近规则的网络实测超出延迟`
      : "";
  return `${count(flops)}：${name}${measured}${why}`;
}

function budget(flops: number | undefined): string {
  return flops === undefined ? "" : `预算 ${count(flops)}：`;
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

function failed(n: number): string {
  return n > 0 ? `（${n} 个失败）` : "";
}

function stopped(early: boolean): string {
  return early ? "分配的时间用完后停止。" : "";
}

function span([low, high]: readonly [number, number]): string {
  return `${plain(low)}–${plain(high)}`;
}

function points(share: number): string {
  return `${share > 0 ? "+" : ""}${significant(Math.round(share * 1e4) / 100)}`;
}

function against({
  accuracy,
  baseline,
  validation,
}: {
  accuracy: number;
  baseline?: number;
  validation: number;
}): string {
  if (baseline === undefined) return "";
  const noise = 1.96 * Math.sqrt((accuracy * (1 - accuracy) + baseline * (1 - baseline)) / Math.max(1, validation));
  const gap = accuracy - baseline;
  const side = gap > 0 ? "领先" : gap < 0 ? "落后" : "持平";
  const sure = Math.abs(gap) > noise ? "超出" : "未超出";
  return `与基线相比${side} ${significant(Math.abs(gap) * 100)} 个百分点，${sure}这么多验证图像所能分辨的范围（±${significant(noise * 100)}）。`;
}

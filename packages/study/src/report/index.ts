export * as charts from "./charts/index.js";
export { renderSvg } from "./charts/render.js";
export type { Chart, ChartStyle, ChartText } from "./charts/style.js";
export type {
  FamilyMember,
  ProducedFile,
  RaceLane,
  RaceReport,
  ReportDocument,
  ReproductionKey,
  TrainedNetwork,
} from "./document.js";
export { type DecisionText, decisionText, type Language, type Messages, messagesFor } from "./messages/index.js";
export { reportPage } from "./page/page.js";
export { darkPalette, lightPalette, type Palette } from "./palette.js";
export { type StudyReportOptions, searchCurves, studyReport, writeReport } from "./studyReport.js";

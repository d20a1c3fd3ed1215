export * from "./executors/index.js";
export { type StudyReportOptions, studyReport, writeReport } from "./report/studyReport.js";
export * from "./study/index.js";

import { spawn } from "node:child_process";

/** Opens a file in the browser where there is a display and a person at a terminal. @returns whether it tried */
export function openReport(file: string): boolean {
  const command = opener();
  if (!process.stdout.isTTY || process.env.CI || !command) return false;
  const child = spawn(command, [file], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
  return true;
}

function opener(): string | undefined {
  if (process.platform === "darwin") return "open";
  if (process.platform === "win32") return "explorer";
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? "xdg-open" : undefined;
}

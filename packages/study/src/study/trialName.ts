/** The folder name of a trial: at least five digits. */
export function trialName(id: number): string {
  return String(id).padStart(5, "0");
}

/** The number of a trial's folder name, or undefined for anything else. */
export function trialId(name: string): number | undefined {
  const id = /^\d{5,7}$/.test(name) ? Number(name) : undefined;
  return id !== undefined && trialName(id) === name ? id : undefined;
}

/** A flag as it is typed: `groupWidth` is `--group-width`. */
export function optionName(flag: string): string {
  return `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** What was measured, as lines that can be read and compared. */

import { expect } from '@playwright/test';

/** The middle value, in the unit of the values; of an even number of them the upper one of the two. */
export function median(values: readonly number[]): number {
  const value = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  if (value === undefined) throw new Error('there is nothing to be measured');
  return value;
}

/** The value that so many percent stay at or below. */
export function percentile(percent: number, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('there is nothing to be measured');
  return value;
}

/** Prints a line. */
export function tell(what: string, value: string): void {
  console.log(`  ${what.padEnd(64)} ${value}`);
}

/** Prints a line with its bound; what is over it is told at the end of the run, after all the others. */
export function judge(what: string, value: number, most: number, digits = 2): void {
  const verdict = value <= most ? 'ok' : 'OVER';
  tell(what, `${value.toFixed(digits).padStart(8)}  at most ${most}  ${verdict}`);
  expect.soft(value, what).toBeLessThanOrEqual(most);
}

/** Texts to fill a room with. */

/** So many texts that differ: each has its number, from 1 on. */
export function sayings(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index + 1}번째 말`);
}

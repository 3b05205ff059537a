/**
 * The words of the interface, out of the product's own tables: `words.json`, which a test of `app` holds against them.
 * What people write in a test is no word of the interface.
 */

import tables from '../../words.json' with { type: 'json' };

/** Korean, which the browsers of the tests ask for unless they say otherwise. */
export const ko = tables.ko;
export const en = tables.en;

/** What each language calls itself, whichever the page is in. */
export const LANGUAGE_NAMES = { ko: '한국어', en: 'English' };

/** What some emoji are called, as `app` lists them. */
export const EMOJI_NAMES = { '🚀': '로켓', '🔥': '불' };

/** Particles after a consonant and after a vowel, as the tables write both at once. */
const PARTICLES: Record<string, [string, string]> = {
  '이(가)': ['이', '가'],
  '을(를)': ['을', '를'],
  '은(는)': ['은', '는'],
  '과(와)': ['과', '와'],
};

/** A word with this in its hole. Of a Korean particle that follows it, the form that fits. */
export function fill(word: string, value: string): string {
  const [before, after, ...more] = word.split('{}');
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`“${word}” has not one hole`);
  for (const [particle, [consonant, vowel]] of Object.entries(PARTICLES)) {
    if (!after.startsWith(particle)) continue;
    return before + value + (endsInConsonant(value) ? consonant : vowel) + after.slice(particle.length);
  }
  return before + value + after;
}

/** A word about so many. Where one and many differ, `|` stands between them. */
export function count(word: string, number: number): string {
  const [one = word, many = one] = word.split('|');
  return fill(number === 1 ? one : many, `${number}`);
}

/** A text that is this word with anything in its hole. */
export function pattern(word: string): RegExp {
  return new RegExp(`^${fill(word.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'), '.+')}$`);
}

/** Whether a name's last syllable has a final consonant (Unicode Standard, section 3.12: 28 syllables to a vowel). */
function endsInConsonant(name: string): boolean {
  const syllable = (name.codePointAt(name.length - 1) ?? 0) - 0xac00;
  if (syllable < 0 || syllable >= 11_172) throw new Error(`“${name}” does not end in a syllable of Hangul`);
  return syllable % 28 !== 0;
}

/** Texts of all scripts: whatever is written comes out as it was typed, to the last code point, wherever it is shown. */

import { type Chat, expect, test } from './support/madang.ts';
import { paste } from './support/copied.ts';
import { overflowPx } from './support/layout.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

const TEXTS = {
  'Hangul, composed': '한글'.normalize('NFC'),
  'Hangul, decomposed': '한글'.normalize('NFD'),
  'letters of Hangul': 'ㅎㅏㄴㄱㅡㄹ ㅋㅋㅋ',
  'old Hangul': '나랏〮말〯ᄊᆞ미',
  'a family and skin colours': '👨‍👩‍👧‍👦 👍🏽 👩🏿‍🚀',
  'flags': '🇰🇷🇺🇳🏴󠁧󠁢󠁳󠁣󠁴󠁿',
  'keycaps and presentations': '1️⃣ #️⃣ ☎︎ ☎️ ❤️',
  'Arabic with Latin': 'مرحبا Madang 2026 بكم',
  'Hebrew with Latin and brackets': 'שלום (hello) עולם!',
  'Persian with non-joiners': 'می‌خواهم کتاب‌ها را',
  'combining marks': 'Z̸̡̛͎a̶͑l̵͔g̷o e\u0301 \u00e9',
  'Devanagari and Thai': 'क्षत्रिय ที่นี่',
  'beyond the first plane': '𠮷野家 𝕄𝕒𝕕𝕒𝕟𝕘 🂡',
  'typed spaces': '가  나\u3000다\u00a0라\t마',
  'a very long word': '가'.repeat(400),
  'a very long address': `${'a'.repeat(300)}.${'b'.repeat(300)}`,
};

/** The texts of the rows, exactly. */
async function texts(chat: Chat): Promise<(string | null)[]> {
  return chat.said.evaluateAll((all) => all.map((it) => it.textContent));
}

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use({ ...use, serverFlags: ['--post-rate', '0'] });

    test('every text is shown, reloaded, edited and copied as it was typed', async ({ person }) => {
      const all = Object.values(TEXTS);
      const [mina, juno] = [await person(), await person()];
      for (const text of all) await mina.say(text);
      for (const reload of [false, true]) {
        for (const one of [mina, juno]) {
          if (reload) await one.reload();
          await expect.poll(() => texts(one)).toEqual(all);
          expect(await overflowPx(one.page)).toBe(0);
        }
      }
      for (const [index, [what, text]] of Object.entries(TEXTS).entries()) {
        const row = mina.at(index + 1);
        await mina.choose(row, ko.page.edit);
        expect(await mina.input.inputValue(), what).toBe(text);
        await mina.page.keyboard.press('Escape');
        await mina.choose(row, ko.page.copy_text);
        expect(await paste(mina), what).toBe(text);
      }
      // Nothing of this changed a message.
      expect(await texts(mina)).toEqual(all);
      await expect(mina.page.locator('.message-edited')).toHaveCount(0);
    });

    test('a name is shown as it was chosen, in any script', async ({ person }) => {
      const [mina, juno] = [await person(), await person()];
      for (const called of ['مریم', 'נועה', 'María', '김하나', '🦊여우']) {
        await mina.page.locator('#settings').evaluate((sheet: HTMLElement) => sheet.showPopover());
        const field = mina.page.locator('#settings [name="name"]');
        await field.fill(called);
        await field.press('Enter');
        const text = `${called}입니다`;
        await mina.say(text);
        await juno.hears(text);
        expect(await juno.authorOf(text)).toBe(called);
      }
    });

    test('texts from right to left begin at the right, each line by what is in it', async ({ chat }) => {
      await chat.say('שלום עולם\nhello world\nمرحبا بكم');
      await expect(chat.said).toHaveCount(1);
      // Where each line’s first and last letters stand.
      const lines = await chat.said.evaluate((it) => {
        const node = it.firstChild;
        if (!node?.textContent) throw new Error('there is a text');
        const left = (at: number) => {
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          return range.getBoundingClientRect().left;
        };
        const text = node.textContent;
        let at = 0;
        return text.split('\n').map((line) => {
          const ends = [left(at), left(at + line.length - 1)];
          at += line.length + 1;
          return ends;
        });
      });
      const directions = lines.map(([first = 0, last = 0]) => (first < last ? 'ltr' : 'rtl'));
      expect(directions).toEqual(['rtl', 'ltr', 'rtl']);
    });
  });
}

/** The help’s samples beside what they are samples of. */

import type { Locator } from '@playwright/test';

import { expect, test } from './support/madang.ts';
import { Program } from './support/program.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

/** What can be seen of an element, but for where it stands and how large it is. */
const SEEN = [
  'background-color',
  'border-bottom-left-radius',
  'border-inline-start-color',
  'border-inline-start-style',
  'border-inline-start-width',
  'color',
  'font-family',
  'font-size',
  'font-style',
  'font-weight',
  'line-height',
  'list-style-type',
  'padding-inline-end',
  'padding-inline-start',
  'padding-top',
  'text-decoration-line',
  'white-space',
];

/** Whatever a sample consists of, each element with how it looks. */
async function lookOf(text: Locator): Promise<unknown[]> {
  return text.evaluate((element, names) => {
    const all = [element, ...element.querySelectorAll('*')].filter((it) => it.localName !== 'button');
    return all.map((it) => {
      const style = getComputedStyle(it);
      // The sign before it is an item's alone; others only hand it down.
      const own = names.filter((name) => name !== 'list-style-type' || it.localName === 'li');
      return [it.textContent?.trim(), ...own.map((name) => `${name}: ${style.getPropertyValue(name)}`)];
    });
  }, SEEN);
}

test('what the help shows of how to write looks as it does in a message', async ({ chat, madang, program }) => {
  // Whom the sample mentions.
  await program.isCalled(ko.page.sample_name);
  await program.say(['나를 불러 주세요']);
  const writer = await Program.introduce(madang);
  await chat.input.press('Escape');
  await chat.timeline.focus();
  await chat.page.keyboard.press('?');
  const dialog = chat.page.getByRole('dialog', { name: ko.page.help });
  const rows = dialog.locator('.help-row:has(.message-text)');
  await expect(rows.first()).toBeVisible();
  const written = await rows.locator('dt').allTextContents();
  expect(written.length).toBeGreaterThan(8);
  const shown = await Promise.all(
    written.map(async (_, at) => lookOf(rows.nth(at).locator('.message-text'))),
  );
  await chat.page.keyboard.press('Escape');

  for (const [at, text] of written.entries()) {
    const link = text.startsWith('[') ? text.replace('https://…', 'https://example.org/') : text;
    const [seq] = await writer.say([link]);
    const said = chat.at(seq ?? 0).locator('.message-text');
    await expect(said).toHaveCount(1);
    expect(await lookOf(said), text).toEqual(shown[at]);
  }
});

/** The tab ends right after Enter: what was written is neither lost nor sent twice. */

import type { Page } from '@playwright/test';

import { launchOptions } from './support/browser.ts';
import { Chat, CONNECTION_LOST, expect, type Server, test } from './support/madang.ts';

/** How often each of the tests ends a tab. */
const TIMES = Number(process.env.TAB_ENDS ?? 30);

// Chromium puts two tabs of a site into one process, and the end of one would be that of the other.
const EACH_ITS_OWN = '--disable-features=ProcessPerSiteUpToMainFrameThreshold';

test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions.args ?? []), EACH_ITS_OWN] } });

async function crash(page: Page): Promise<void> {
  const isCrashed = page.waitForEvent('crash');
  const devtools = await page.context().newCDPSession(page);
  // Nobody is left to answer.
  void devtools.send('Page.crash').catch(() => {});
  await isCrashed;
}

/** Ways in which a tab ends. */
const ENDS: ((page: Page) => Promise<void>)[] = [
  (page) => page.close(),
  crash,
  async (page) => {
    // Chromium loses the closing of a tab that is just changing pages.
    await page.reload({ waitUntil: 'load' });
    await page.close();
  },
  async (page) => {
    await page.goto('about:blank');
    await page.close();
  },
];

/** The texts that the server has, in the order of their places. */
async function said(madang: Server): Promise<string[]> {
  const answer = await fetch(`${madang.url}/api/v1/rooms/lobby/messages?limit=500`);
  const { messages } = (await answer.json()) as { messages: { message: string }[] };
  return messages.map(({ message }) => message);
}

async function writeAndEnd(chat: Chat, text: string, end: (page: Page) => Promise<void>): Promise<void> {
  await chat.input.fill(text);
  await chat.input.press('Enter');
  await end(chat.page);
}

for (const [tabs, lines] of [
  ['has the connection', 'with it'],
  ['follows', 'with another tab that stays'],
] as const) {
  test(`what was written right before a tab that ${tabs} ended is there once, whichever way it ended`, async ({
    context,
    madang,
    quiet,
  }) => {
    quiet.expect(CONNECTION_LOST);
    test.setTimeout(60_000 + TIMES * 4_000);
    const stays = lines === 'with it' ? undefined : await new Chat(await context.newPage()).open();
    const texts: string[] = [];
    for (let number = 0; number < TIMES; number += 1) {
      const chat = new Chat(await context.newPage());
      await chat.goto();
      // It is alive; whether its line is up yet is left to chance.
      await expect(chat.page.locator('.heading-line')).not.toHaveText('');
      const text = `${number}번째 말`;
      texts.push(text);
      const end = ENDS[number % ENDS.length];
      if (end) await writeAndEnd(chat, text, end);
      // The tab that stays sends it, without being touched.
      if (stays) await expect.poll(() => said(madang), { message: `${number}` }).toEqual(texts);
    }
    const last = stays ?? (await new Chat(await context.newPage()).open());
    await expect.poll(() => said(madang), { timeout: 30_000 }).toHaveLength(TIMES);
    expect((await said(madang)).toSorted()).toEqual(texts.toSorted());
    await expect(last.pending).toHaveCount(0);
    await expect(last.input).toHaveValue('');
  });
}

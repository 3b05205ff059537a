/** A tab whose process is gone. */

import type { Page } from '@playwright/test';

import { launchOptions } from './support/browser.ts';
import { expect, test } from './support/madang.ts';
import { here } from './support/people.ts';

// Chromium puts two tabs of a site into one process, which would take both.
const EACH_ITS_OWN = '--disable-features=ProcessPerSiteUpToMainFrameThreshold';

test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions.args ?? []), EACH_ITS_OWN] } });

async function crash(page: Page): Promise<void> {
  const isCrashed = page.waitForEvent('crash');
  const devtools = await page.context().newCDPSession(page);
  // Nobody is left to answer.
  void devtools.send('Page.crash').catch(() => {});
  await isCrashed;
}

test('when the tab that has the connection crashes, the others go on', async ({ chat, madang, person }) => {
  const [second, third] = [await chat.tab(), await chat.tab()];
  const juno = await person();
  await second.say('하나');
  await juno.hears('하나');

  const from = madang.logs.length;
  await crash(chat.page);
  await madang.logged(/a session began/, { from, ms: 4_000 });
  await juno.say('둘');
  await third.say('셋');
  for (const one of [second, third, juno]) await one.hasHeard(['하나', '둘', '셋']);
  await expect.poll(() => madang.sessions).toBe(2);
});

test.describe('a tab that has no connection of its own', () => {
  test.use({ serverFlags: ['--allowed-host', 'lan.example'] });

  for (const host of ['127.0.0.1', 'lan.example']) {
    test(`when it crashes, its person is gone from its room soon, at ${host}`, async ({ madang, person, quiet }) => {
      // By a name there are no Web Locks on plain HTTP.
      quiet.expect(/Cross-Origin-Opener-Policy/);
      const baseURL = `http://${host}:${new URL(madang.url).port}`;
      const [leads, juno] = [await person({ baseURL }), await person()];
      const follows = await leads.tab('attic');
      await juno.open('attic');
      await leads.nameSelf('민아');
      await leads.say('이름을 정했어요');
      await expect(here(juno)).toHaveCount(2);

      await crash(follows.page);
      await expect(here(juno)).toHaveCount(1, { timeout: 30_000 });
      await leads.tab('attic');
      await expect(here(juno)).toHaveCount(2);
      await leads.say('여기는 그대로');
      await leads.hasHeard(['이름을 정했어요', '여기는 그대로']);
    });
  }
});

/** A tab whose process is gone. */

import { launchOptions } from './support/browser.ts';
import { expect, test } from './support/madang.ts';

// Chromium puts two tabs of a site into one process, which would take both.
const EACH_ITS_OWN = '--disable-features=ProcessPerSiteUpToMainFrameThreshold';

test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions.args ?? []), EACH_ITS_OWN] } });

test('when the tab that has the connection crashes, the others go on', async ({ chat, madang, person }) => {
  const [second, third] = [await chat.tab(), await chat.tab()];
  const juno = await person();
  await second.say('하나');
  await juno.hears('하나');

  const from = madang.logs.length;
  const isCrashed = chat.page.waitForEvent('crash');
  const devtools = await chat.page.context().newCDPSession(chat.page);
  // Nobody is left to answer.
  void devtools.send('Page.crash').catch(() => {});
  await isCrashed;
  await madang.logged(/a session began/, { from, ms: 4_000 });
  await juno.say('둘');
  await third.say('셋');
  for (const one of [second, third, juno]) await one.hasHeard(['하나', '둘', '셋']);
  await expect.poll(() => madang.sessions).toBe(2);
});

import { chromium } from '@playwright/test';

import { Chat, expect, test } from '../tests/support/madang.ts';
import { Trunk, TRUNK } from './trunk.ts';

test.describe('the page built by Trunk', () => {
  // Trunk compiles the page first, unless it has done so before.
  test.describe.configure({ timeout: 300_000 });

  if (!TRUNK) console.warn('SKIPPED: the page built by Trunk is not tested, for TRUNK_PATH names no trunk.');
  test.skip(!TRUNK, 'TRUNK_PATH names no trunk; `cargo xtask test trunk` does');

  test('chats with the page that the server renders', async ({ madang, person, quiet, launchOptions }) => {
    const trunk = await Trunk.serve(TRUNK ?? '', madang);
    const browser = await chromium.launch({
      ...launchOptions,
      // Of several such rules Chromium takes those named last.
      args: [...(launchOptions.args ?? []), `--host-resolver-rules=${trunk.hostRule}`],
    });
    try {
      const context = await browser.newContext({ baseURL: trunk.url, locale: 'ko-KR' });
      quiet.watch(context);
      const juno = await new Chat(await context.newPage()).open();
      const mina = await person();
      await mina.say('서버가 그린 쪽에서');
      await juno.hears('서버가 그린 쪽에서');
      await juno.say('브라우저가 그린 쪽에서');
      for (const one of [mina, juno]) await one.hasHeard(['서버가 그린 쪽에서', '브라우저가 그린 쪽에서']);
      expect([await mina.isOwn('브라우저가 그린 쪽에서'), await juno.isOwn('브라우저가 그린 쪽에서')]).toEqual([
        false,
        true,
      ]);

      const author = await juno.authorOf('브라우저가 그린 쪽에서');
      await juno.reload();
      await juno.hasHeard(['서버가 그린 쪽에서', '브라우저가 그린 쪽에서']);
      expect(await juno.isOwn('브라우저가 그린 쪽에서')).toBe(true);
      expect(await juno.authorOf('브라우저가 그린 쪽에서')).toBe(author);
    } finally {
      await browser.close();
      await trunk.dispose();
    }
  });
});

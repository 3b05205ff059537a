/** What is read out to those who listen: what others say while one is there, each once, and nothing else. */

import { type Chat, expect, test } from './support/madang.ts';
import { SIZES } from './support/sizes.ts';
import { ko } from './support/words.ts';

test.use({ serverFlags: ['--post-rate', '0'] });

declare global {
  interface Window {
    readOut: string[];
  }
}

/** Notes from now on what a screen reader would read out: each text that comes into the log. */
async function listen(chat: Chat): Promise<void> {
  await expect(chat.hearing).toBeAttached();
  await chat.hearing.evaluate((log) => {
    window.readOut = [];
    new MutationObserver((mutations) => {
      const has = mutations.some(({ type, addedNodes }) => type === 'characterData' || addedNodes.length > 0);
      const text = log.textContent?.trim();
      if (has && text) window.readOut.push(...text.split('\n'));
    }).observe(log, { childList: true, characterData: true, subtree: true });
  });
}

async function readOut(chat: Chat): Promise<string[]> {
  return chat.page.evaluate(() => window.readOut);
}

for (const { name, use } of SIZES) {
  test.describe(name, () => {
    test.use(use);

    test('what others say is read out with their names, each message once, and one’s own is not', async ({
      person,
      program,
    }) => {
      await program.isCalled('하나');
      await program.say(['전에 한 말']);
      const chat = await person();
      await listen(chat);
      await program.say(['첫째 말']);
      await chat.hears('첫째 말');
      await chat.say('내 말');
      await chat.hears('내 말');
      await program.say(['**둘째** 말']);
      await expect(chat.said).toHaveCount(4);
      await program.say(['셋째 말']);
      await chat.hears('셋째 말');
      const expected = ['하나: 첫째 말', '하나: 둘째 말', '하나: 셋째 말'];
      await expect.poll(async () => (await readOut(chat)).map((text) => text.replaceAll('*', ''))).toEqual(expected);
    });

    test('the same words said again are read out again', async ({ person, program }) => {
      await program.isCalled('하나');
      const chat = await person();
      await listen(chat);
      for (const count of [1, 2, 3]) {
        await program.say(['네']);
        await expect(chat.said).toHaveCount(count);
        await expect.poll(() => readOut(chat)).toEqual(Array.from({ length: count }, () => '하나: 네'));
      }
    });

    test('nothing is read out of what was changed, deleted or reacted to', async ({ person, program }) => {
      await program.isCalled('하나');
      const seqs = await program.say(['고칠 말', '지울 말', '그대로인 말']);
      const chat = await person();
      await listen(chat);
      const [first, second] = seqs;
      await program.ask([
        { type: 'edit', room: 'lobby', target: first, message: '고친 말' },
        { type: 'delete', room: 'lobby', target: second },
        { type: 'react', room: 'lobby', target: first, emoji: '👍', on: true },
        { type: 'topic', room: 'lobby', topic: '새 주제' },
        { type: 'react', room: 'lobby', target: first, emoji: '👍', on: false },
        { type: 'rename', name: '두리' },
      ]);
      await program.say(['이제 하는 말']);
      await chat.hears('이제 하는 말');
      await expect(chat.message('고친 말')).toBeVisible();
      await expect.poll(() => readOut(chat)).toEqual(['두리: 이제 하는 말']);
    });

    test('nothing is read out of what is loaded: older messages, another room, the way to the end', async ({
      person,
      program,
    }) => {
      await program.isCalled('하나');
      await program.say(Array.from({ length: 300 }, (_, number) => `${number + 1}번째 말`));
      await program.say(['개발 방의 말'], '개발');
      await program.ask([{ type: 'post', room: 'lobby', message: '옛말에 답', replyTo: 7 }]);
      const chat = await person();
      await listen(chat);
      // Up, far up, and back to the end.
      await expect(async () => {
        await chat.timeline.hover();
        await chat.page.mouse.wheel(0, -3_000);
        await expect(chat.message('180번째 말')).toBeAttached({ timeout: 50 });
      }).toPass({ intervals: [50] });
      await chat.page.getByRole('button', { name: ko.to_end }).click();
      await chat.row('옛말에 답').locator('.message-quote').click();
      await expect(chat.message('7번째 말')).toBeInViewport();
      // On from there, then to the end, which is loaded anew.
      await expect(async () => {
        await chat.timeline.hover();
        await chat.page.mouse.wheel(0, 1_000);
        await expect(chat.message('60번째 말')).toBeAttached({ timeout: 50 });
      }).toPass({ intervals: [50] });
      await chat.page.getByRole('button', { name: ko.to_end }).click();
      await expect(chat.message('옛말에 답')).toBeInViewport();
      expect(await readOut(chat)).toEqual([]);

      // Another room and back.
      await chat.page.goto('/rooms/개발');
      await chat.hears('개발 방의 말');
      await listen(chat);
      const rooms = await chat.openRooms();
      await rooms.getByRole('link', { name: ko.lobby }).click();
      await expect(chat.message('옛말에 답')).toBeInViewport();
      expect(await readOut(chat)).toEqual([]);
      await program.say(['이제 하는 말']);
      await chat.hears('이제 하는 말');
      await expect.poll(() => readOut(chat)).toEqual(['하나: 이제 하는 말']);
    });

    test('it is read out wherever one reads: also who is far up hears what is said', async ({ person, program }) => {
      await program.isCalled('하나');
      await program.say(Array.from({ length: 100 }, (_, number) => `${number + 1}번째 말`));
      const chat = await person();
      await listen(chat);
      await chat.timeline.hover();
      await chat.page.mouse.wheel(0, -1_500);
      await expect(chat.message('100번째 말')).not.toBeInViewport();
      await program.say(['들리나요']);
      await expect.poll(() => readOut(chat)).toEqual(['하나: 들리나요']);
    });
  });
}

/** Several tabs of one browser: one connection, whichever of them has it. */

import { Chat, CONNECTION_LOST, expect, type Server, test } from './support/madang.ts';
import { ko } from './support/words.ts';

const TABS = 10;

async function tabs(first: Chat, count: number): Promise<Chat[]> {
  const all = [first];
  while (all.length < count) all.push(await first.tab());
  return all;
}

async function hasSessions(madang: Server, count: number): Promise<void> {
  await expect.poll(() => madang.sessions, 'sessions on the server').toBe(count);
}

test('ten tabs have one connection, and when the one that has it is closed another takes over', async ({
  chat,
  madang,
  person,
}) => {
  const [first, second, ...others] = await tabs(chat, TABS);
  if (!first || !second) throw new Error('there are ten');
  await hasSessions(madang, 1);
  const juno = await person();
  await juno.say('모두 들리나요');
  for (const tab of [first, second, ...others]) await tab.hasHeard(['모두 들리나요']);
  await second.say('둘째 탭이에요');
  for (const tab of [first, second, ...others, juno]) await tab.hasHeard(['모두 들리나요', '둘째 탭이에요']);
  await hasSessions(madang, 2);

  const from = madang.logs.length;
  await first.page.close();
  await second.say('첫째가 나갔어요');
  await madang.logged(/a session began/, { from, ms: 2_000 });
  await juno.say('그래도 들리죠');
  const said = ['모두 들리나요', '둘째 탭이에요', '첫째가 나갔어요', '그래도 들리죠'];
  for (const tab of [second, ...others, juno]) await tab.hasHeard(said);
  await hasSessions(madang, 2);
});

test('a tab that posts while the one with the connection is frozen does not wait for it', async ({
  chat,
  madang,
  person,
}) => {
  const second = await chat.tab();
  const juno = await person();
  const devtools = await chat.page.context().newCDPSession(chat.page);
  await devtools.send('Debugger.enable');
  await devtools.send('Debugger.pause');

  await second.say('기다리지 않아요');
  await juno.hasHeard(['기다리지 않아요']);
  await second.hasHeard(['기다리지 않아요']);

  await devtools.send('Debugger.resume');
  await devtools.detach();
  // The one that was frozen has lost the lead and hears what was said.
  await chat.hasHeard(['기다리지 않아요']);
  await hasSessions(madang, 2);
});

test('tabs in different rooms share the connection, and each shows its own room', async ({ chat, madang, person }) => {
  const there = await chat.tab('개발');
  const juno = await person({ room: '개발' });
  await hasSessions(madang, 2);
  await juno.say('개발 방이에요');
  await chat.say('로비예요');
  await there.say('저도 왔어요');
  for (const one of [there, juno]) await one.hasHeard(['개발 방이에요', '저도 왔어요']);
  await chat.hasHeard(['로비예요']);
});

test('what one tab wrote while offline is sent when another is the one that comes back', async ({
  chat,
  person,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const second = await chat.tab();
  const juno = await person();
  await chat.page.context().setOffline(true);
  await second.say('오프라인에서');
  await expect(second.pending).toHaveText(['오프라인에서']);
  await chat.page.close();
  await second.page.context().setOffline(false);
  for (const one of [second, juno]) await one.hasHeard(['오프라인에서']);
  await expect(second.pending).toHaveCount(0);
});

test.describe('on plain HTTP, where browsers have no locks and open six connections to a server', () => {
  test.use({ serverFlags: ['--allowed-host', 'lan.example'] });

  for (const letsUpgrade of [true, false]) {
    test(`eight tabs have one ${letsUpgrade ? 'socket' : 'stream'}, and all of them load, hear and post`, async ({
      browser,
      madang,
      person,
      relay,
      quiet,
    }) => {
      quiet.expect(CONNECTION_LOST);
      quiet.expect(/Cross-Origin-Opener-Policy/);
      relay.letsUpgrade = letsUpgrade;
      const baseURL = `http://lan.example:${new URL(relay.url).port}`;
      const context = await browser.newContext({ baseURL, locale: 'ko-KR' });
      quiet.watch(context);
      const tabs: Chat[] = [];
      while (tabs.length < 8) {
        const tab = new Chat(await context.newPage());
        await tab.goto();
        await expect(tab.transport).toHaveText(letsUpgrade ? ko.live : ko.stream);
        tabs.push(tab);
      }
      expect(await tabs[0]!.page.evaluate(() => 'locks' in navigator)).toBe(false);
      await hasSessions(madang, 1);

      const juno = await person();
      const said: string[] = [];
      const allSay = async () => {
        for (const [number, one] of [juno, ...tabs].entries()) {
          said.push(`${said.length}: ${number}`);
          await one.say(said.at(-1)!);
          await juno.hears(said.at(-1)!);
        }
        for (const one of [juno, ...tabs]) await one.hasHeard(said);
      };
      await allSay();

      const leads = async (tab: Chat) => (await tab.transport.getAttribute('title')) !== ko.by_other_tab;
      for (const tab of tabs) {
        if (!(await leads(tab))) continue;
        await tab.page.close();
        tabs.splice(tabs.indexOf(tab), 1);
        break;
      }
      expect(tabs).toHaveLength(7);
      await allSay();
      await hasSessions(madang, 2);
      await context.close();
    });
  }
});

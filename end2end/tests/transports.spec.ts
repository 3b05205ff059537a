/** Networks that let less than everything through: the chat steps down, goes on, and steps up again by itself. */

import { Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import { ko } from './support/words.ts';

/** The browser notices that it is on a network again. */
async function changeNetwork(chat: Chat): Promise<void> {
  await chat.page.context().setOffline(true);
  await chat.page.context().setOffline(false);
}

test('where no WebSocket gets through it goes on over a stream, then over polls, then back, and misses nothing', async ({
  person,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  test.setTimeout(120_000);
  const mina = await person();
  const juno = await person({ baseURL: relay.url });
  const said: string[] = [];
  const bothSay = async (text: string) => {
    for (const [one, who] of [
      [mina, '미나'],
      [juno, '주노'],
    ] as const) {
      said.push(`${who}: ${text}`);
      await one.say(`${who}: ${text}`);
      for (const each of [mina, juno]) await each.hasHeard(said);
    }
  };
  await expect(juno.transport).toHaveText(ko.live);
  await bothSay('소켓으로');

  relay.letsUpgrade = false;
  relay.cut();
  await mina.say('그사이에');
  said.push('그사이에');
  await expect(juno.transport).toHaveText(ko.stream, { timeout: 40_000 });
  await bothSay('스트림으로');

  relay.letsStreams = false;
  relay.cut();
  await mina.say('또 그사이에');
  said.push('또 그사이에');
  await expect(juno.transport).toHaveText(ko.long_poll, { timeout: 40_000 });
  await bothSay('기다리는 요청으로');

  // It is remembered for the browser session.
  await juno.page.reload();
  await expect(juno.transport).toHaveText(ko.long_poll);
  await juno.hasHeard(said);

  relay.letsUpgrade = true;
  relay.letsStreams = true;
  await changeNetwork(juno);
  await expect(juno.transport).toHaveText(ko.live, { timeout: 40_000 });
  await bothSay('다시 소켓으로');
  expect(juno.lines.open).toHaveLength(1);
});

test('a proxy that holds requests which wait is got around by asking again and again', async ({
  person,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  test.setTimeout(120_000);
  relay.letsUpgrade = false;
  relay.letsStreams = false;
  relay.waitMsMax = 1_000;
  const mina = await person();
  const juno = await person();
  await juno.page.goto(relay.url);
  await expect(juno.transport).toHaveText(ko.poll, { timeout: 90_000 });
  await juno.say('폴링으로');
  await mina.hears('폴링으로');
  await mina.say('들려요');
  await juno.hasHeard(['폴링으로', '들려요']);
});

test('a refusal that says by a date when to come back is kept to', async ({ browser, person, relay, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  quiet.expect(/503/);
  relay.letsUpgrade = false;
  const until = Date.now() + 6_000;
  relay.refusesPosts = { 'retry-after': new Date(until).toUTCString() };
  const context = await browser.newContext({ baseURL: relay.url, locale: 'ko-KR' });
  quiet.watch(context);
  const juno = new Chat(await context.newPage());
  const posted: number[] = [];
  juno.page.on('response', (response) => {
    const request = response.request();
    if (request.method() === 'POST') posted.push(request.timing().startTime);
  });
  await juno.goto();
  await expect.poll(() => posted.length).toBe(1);
  relay.refusesPosts = undefined;
  await juno.say('기다렸어요');
  await (await person()).hasHeard(['기다렸어요']);
  // Dates are of whole seconds.
  expect(posted[1]).toBeGreaterThan(until - 1_000);
  await context.close();
});

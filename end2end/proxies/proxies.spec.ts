/** The chat behind nginx, HAProxy, Caddy and Apache: as the documents recommend them, and as they hinder. */

import { Chat, CONNECTION_LOST, expect, test as base } from '../tests/support/madang.ts';
import { ko } from '../tests/support/words.ts';
import { KINDS, NAME, type Setup } from './support/kinds.ts';
import { Proxy } from './support/proxy.ts';

const test = base.extend<{
  /** Starts a proxy before this test's server. */
  behind: (name: string, setup: Setup) => Promise<Proxy>;
  /** Somebody's page at this address, not connected yet. */
  visitor: (url: string) => Promise<Chat>;
}>({
  behind: async ({ madang }, use) => {
    const proxies: Proxy[] = [];
    await use(async (name, setup) => {
      const proxy = await Proxy.before(madang, KINDS[name]!, setup);
      proxies.push(proxy);
      return proxy;
    });
    for (const proxy of proxies) await proxy.dispose();
  },

  visitor: async ({ browser, quiet }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async (baseURL) => {
      const context = await browser.newContext({ baseURL, locale: 'ko-KR' });
      contexts.push(context);
      quiet.watch(context);
      return new Chat(await context.newPage());
    });
    quiet.over();
    await Promise.all(contexts.map((context) => context.close()));
  },
});

test.use({ serverFlags: ['--allowed-host', NAME] });

/** Opens the lobby and says something that the other hears; how long that took is printed. */
async function usable(name: string, chat: Chat, other: Chat): Promise<void> {
  const began = Date.now();
  await chat.goto();
  await chat.say('들어왔어요');
  await other.hears('들어왔어요');
  console.log(`${name}: usable after ${Date.now() - began} ms`);
}

for (const name of Object.keys(KINDS)) {
  test(`${name} as it is recommended carries a WebSocket`, async ({ behind, person, visitor }) => {
    const { url } = await behind(name, 'recommended');
    const mina = await person();
    const juno = await visitor(url);
    await usable(name, juno, mina);
    await expect(juno.transport).toHaveText(ko.live);
    await mina.say('어서 와요');
    await juno.hasHeard(['들어왔어요', '어서 와요']);
  });

  for (const setup of ['blocked', 'buffering'] as const) {
    test(`${name} without WebSockets, ${setup}, is got through`, async ({ behind, person, visitor, quiet }) => {
      quiet.expect(CONNECTION_LOST);
      const { url } = await behind(name, setup);
      const mina = await person();
      const juno = await visitor(url);
      await usable(`${name}, ${setup}`, juno, mina);
      await expect(juno.transport).toHaveText(setup === 'blocked' ? ko.stream : /SSE|폴링/);
      // One of the page and one of the WASM: what is refused is not tried again before something else is.
      expect(juno.lines.all.length).toBeLessThanOrEqual(2);
      await mina.say('어서 와요');
      await juno.hasHeard(['들어왔어요', '어서 와요']);
      console.log(`${name}, ${setup}: carried by ${await juno.transport.innerText()}`);
    });
  }

  test(`${name} that cuts what is silent for ten seconds does so once, and it is told to nobody`, async ({
    behind,
    person,
    visitor,
    quiet,
  }) => {
    quiet.expect(CONNECTION_LOST);
    test.setTimeout(90_000);
    const { url } = await behind(name, 'impatient');
    const mina = await person();
    const juno = await visitor(url);
    await usable(`${name}, impatient`, juno, mina);
    await expect(juno.transport).toHaveText(ko.live);
    await juno.page.evaluate(() => {
      const told = ((window as unknown as { told: string[] }).told = []) as string[];
      const status = document.querySelector('[role=status]')!;
      new MutationObserver(() => told.push(status.textContent!)).observe(status, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    // Once cut, beats go both ways, for longer than anything may be silent.
    await expect.poll(() => juno.lines.all.length, { timeout: 30_000 }).toBe(2);
    const beats = () => juno.lines.all.at(-1)!.received.filter((frame) => frame.type === 'beat').length;
    await expect.poll(beats, { timeout: 40_000 }).toBeGreaterThanOrEqual(4);
    expect(juno.lines.all).toHaveLength(2);
    expect(juno.lines.open).toHaveLength(1);
    expect(await juno.page.evaluate(() => (window as unknown as { told: string[] }).told.join(''))).toBe('');
    await mina.say('아직 있어요?');
    await juno.hasHeard(['들어왔어요', '아직 있어요?']);
  });

  test(`${name} that refuses posts for a while is asked at most once a second, and nothing is lost or doubled`, async ({
    behind,
    person,
    visitor,
    quiet,
  }) => {
    quiet.expect(CONNECTION_LOST);
    test.setTimeout(90_000);
    const gate = await behind(name, 'refusing');
    const mina = await person();
    const juno = await visitor(gate.url);
    const asked: number[] = [];
    // By the browser's clock: what it tells of comes when it comes.
    juno.page.on('response', (response) => {
      const request = response.request();
      if (request.method() === 'POST') asked.push(request.timing().startTime);
    });
    await juno.goto();
    const texts = ['하나', '둘', '셋'];
    await expect(juno.status).toContainText('403');
    for (const text of texts) await juno.say(text);
    await expect.poll(() => asked.length, { timeout: 40_000 }).toBeGreaterThanOrEqual(5);
    const gaps = asked.slice(1).map((at, index) => at - asked[index]!);
    expect(Math.min(...gaps), `${gaps}`).toBeGreaterThan(950);
    await gate.restart('blocked');
    await mina.hasHeard(texts);
    await juno.hasHeard(texts);
    await expect(juno.status).toHaveText('');
  });
}

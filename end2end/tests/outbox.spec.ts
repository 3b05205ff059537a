/** What was written is kept until it is on the server's disk, whatever becomes of the page. */

import { Chat, CONNECTION_LOST, expect, test } from './support/madang.ts';
import { paste } from './support/copied.ts';
import { count, ko } from './support/words.ts';

const FIVE = ['하나', '둘', '셋', '넷', '다섯'];

test('five messages written offline, the page loaded again, and back online: all five arrive once, in order', async ({
  chat,
  person,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const juno = await person();
  const context = chat.page.context();
  await context.setOffline(true);
  await chat.page.evaluate(() => dispatchEvent(new Event('offline')));
  for (const text of FIVE) await chat.say(text);
  await expect(chat.pending).toHaveText(FIVE);

  // The browser shows its own page, as there is nobody to ask for ours.
  await expect(chat.page.reload()).rejects.toThrow(/ERR_INTERNET_DISCONNECTED/);
  await juno.say('그동안 온 말');
  await context.setOffline(false);
  await chat.goto();

  // The emulation lets a socket through now and then: what of the five came before the other's message is left open.
  const others = { hasNotText: '그동안 온 말' };
  for (const one of [chat, juno]) {
    await expect(one.said.filter(others)).toHaveText(FIVE);
    await one.hears('그동안 온 말');
  }
  await expect(chat.pending).toHaveCount(0);
  await chat.reload();
  await expect(chat.said.filter(others)).toHaveText(FIVE);
});

test('what waited in a tab that was closed is sent by the next one that opens', async ({ chat, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const context = chat.page.context();
  await context.setOffline(true);
  await chat.say('닫히기 전에');
  await expect(chat.pending).toHaveText(['닫히기 전에']);
  const page = await context.newPage();
  await chat.page.close();
  await context.setOffline(false);
  const again = new Chat(page);
  await again.goto();
  await again.hasHeard(['닫히기 전에']);
  await expect(again.pending).toHaveCount(0);
});

test('each own message says how it is with it: waiting, and then nothing more', async ({ chat, madang, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  await madang.kill();
  await expect(chat.status).not.toHaveText('');
  await chat.say('기다리는 말');
  const row = chat.row('기다리는 말');
  await expect(row).toContainText(ko.sends_when_connected);
  await madang.start();
  await expect(row).not.toContainText(ko.sends_when_connected);
  await chat.hasHeard(['기다리는 말']);
});

test('a message that was never sent can be discarded', async ({ chat, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const context = chat.page.context();
  await context.setOffline(true);
  await expect(chat.status).not.toHaveText('', { timeout: 45_000 });
  await chat.say('지울 말');
  await chat.say('보낼 말');
  await chat.row('지울 말').getByRole('button', { name: ko.discard }).click();
  await expect(chat.pending).toHaveText(['보낼 말']);
  await context.setOffline(false);
  await chat.hasHeard(['보낼 말']);
});

test('what somebody else wrote in this browser is not sent by itself, and says what can be done', async ({
  chat,
  person,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const juno = await person();
  const context = chat.page.context();
  await context.setOffline(true);
  await expect(chat.status).not.toHaveText('', { timeout: 45_000 });
  await chat.say('앞사람의 말');
  await context.clearCookies();
  await context.setOffline(false);
  await chat.goto();
  await expect(chat.row('앞사람의 말')).toContainText(ko.why_not_sent);
  await juno.say('나중 말');
  await chat.hasHeard(['나중 말']);
  await chat.row('앞사람의 말').getByRole('button', { name: ko.retry }).click();
  for (const one of [chat, juno]) await one.hasHeard(['나중 말', '앞사람의 말']);
});

test('a draft is kept for each room, over a reload and until it is sent', async ({ chat }) => {
  await chat.input.click();
  await chat.page.keyboard.type('로비에 쓰던 글');
  await chat.open('개발');
  await expect(chat.input).toHaveValue('');
  await chat.input.click();
  await chat.page.keyboard.type('개발 방에 쓰던 글');
  await chat.open();
  await expect(chat.input).toHaveValue('로비에 쓰던 글');
  await chat.reload();
  await expect(chat.input).toHaveValue('로비에 쓰던 글');
  await chat.input.press('Enter');
  await chat.hasHeard(['로비에 쓰던 글']);
  await chat.reload();
  await expect(chat.input).toHaveValue('');
  await chat.open('개발');
  await expect(chat.input).toHaveValue('개발 방에 쓰던 글');
});

test('after an absence the timeline says how many messages were missed, where they begin', async ({
  person,
  program,
  relay,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const juno = await person({ baseURL: relay.url });
  await juno.say('갔다 올게요');
  await juno.hears('갔다 올게요');
  relay.down();
  await expect(juno.status).not.toHaveText('');
  await program.say(Array.from({ length: 7 }, (_, number) => `${number}번째 소식`));
  // An absence of less than a second is none.
  await expect(juno.page.locator('.notice-next')).toBeVisible();
  await juno.page.waitForFunction((since) => performance.now() > since + 1_200, await juno.page.evaluate(() => performance.now()));
  relay.up();
  await expect(juno.said).toHaveCount(8);
  await expect(juno.page.getByText(count(ko.missed_some, 7))).toBeVisible();
  await juno.say('다 읽었어요');
  await expect(juno.page.getByText(count(ko.missed_some, 7))).toHaveCount(0);
});

test.describe('two tabs', () => {
  test.use({ serverFlags: ['--allowed-host', 'lan.example'] });

  for (const name of ['127.0.0.1', 'lan.example']) {
    test(`what one of them discards while the server is away the other does not send, at ${name}`, async ({
      madang,
      person,
      quiet,
    }) => {
      quiet.expect(CONNECTION_LOST);
      quiet.expect(/Cross-Origin-Opener-Policy/);
      // By a name, there are no Web Locks on plain HTTP.
      const first = await person({ baseURL: `http://${name}:${new URL(madang.url).port}` });
      expect(await first.page.evaluate(() => 'locks' in navigator)).toBe(name === '127.0.0.1');
      const second = new Chat(await first.page.context().newPage());
      await second.goto();
      await expect(second.transport).not.toHaveText('');
      await madang.kill();
      for (const one of [first, second]) await expect(one.status).not.toHaveText('');
      for (const text of ['지울 말', '보낼 말']) await first.say(text);
      await expect(second.pending).toHaveText(['지울 말', '보낼 말']);
      await first.row('지울 말').getByRole('button', { name: ko.discard }).click();
      for (const one of [first, second]) await expect(one.pending).toHaveText(['보낼 말']);
      await madang.start();
      for (const one of [first, second]) await one.hasHeard(['보낼 말']);
    });
  }
});

test('what cannot be stored is said for as long as it is so, and is stored when it can be', async ({ chat, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  await chat.page.context().setOffline(true);
  await chat.page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    Object.assign(window, { empty: () => (IDBObjectStore.prototype.put = put) });
  });
  await chat.say('하나');
  await expect(chat.page.getByText(ko.not_stored)).toBeVisible();
  await chat.page.evaluate('empty()');
  await chat.say('둘');
  await expect(chat.page.getByText(ko.not_stored)).toHaveCount(0);
  const page = await chat.page.context().newPage();
  await chat.page.close();
  await page.context().setOffline(false);
  const again = await new Chat(page).open();
  await again.hasHeard(['하나', '둘']);
});

test('a database that the browser has closed, or was asked to delete, is opened again', async ({ chat, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  await chat.say('전에');
  await chat.hasHeard(['전에']);
  await chat.page.context().setOffline(true);
  // Deleting waits until the page has closed its connection.
  await chat.page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase('madang');
        request.onsuccess = () => resolve();
        request.onblocked = () => reject(new Error('blocked'));
      }),
  );
  await chat.say('뒤에');
  await expect(chat.pending).toHaveText(['뒤에']);
  await expect(chat.page.getByText(ko.not_stored)).toHaveCount(0);
  const page = await chat.page.context().newPage();
  await chat.page.close();
  await page.context().setOffline(false);
  await (await new Chat(page).open()).hasHeard(['전에', '뒤에']);
});

test('what was written without a network is sent though the browser has cleared its storage meanwhile', async ({
  chat,
  quiet,
}) => {
  quiet.expect(CONNECTION_LOST);
  const second = await chat.tab();
  const context = chat.page.context();
  await context.setOffline(true);
  for (const one of [chat, second]) await expect(one.status).not.toHaveText('', { timeout: 45_000 });
  for (const text of ['하나', '둘']) await second.say(text);
  for (const one of [chat, second]) await expect(one.pending).toHaveText(['하나', '둘']);

  const devtools = await context.newCDPSession(chat.page);
  const storageTypes = 'indexeddb,local_storage,cache_storage,file_systems,websql';
  await devtools.send('Storage.clearDataForOrigin', { origin: new URL(chat.page.url()).origin, storageTypes });
  const stored = () =>
    chat.page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const request = indexedDB.open('madang');
          request.onsuccess = () => {
            const { result } = request;
            if (!result.objectStoreNames.contains('outbox')) return resolve(-1);
            const rows = result.transaction('outbox').objectStore('outbox').getAll();
            rows.onsuccess = () => {
              result.close();
              resolve(rows.result.filter((row) => typeof row === 'string').length);
            };
          };
        }),
    );
  await chat.say('셋');
  await expect.poll(stored).toBe(3);
  await context.setOffline(false);
  for (const one of [chat, second]) {
    await one.hasHeard(['하나', '둘', '셋']);
    await expect(one.pending).toHaveCount(0);
  }
});

test('all that is stuck is sent again or discarded at once', async ({ chat, madang, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  for (const act of [ko.retry_all, ko.discard_all]) {
    await madang.kill();
    await expect(chat.status).not.toHaveText('');
    for (const text of ['하나', '둘']) await chat.say(text);
    await chat.page.context().clearCookies();
    await madang.start();
    await chat.goto();
    const all = chat.page.locator('.notice-stuck');
    await expect(all).toContainText(count(ko.many_stuck, 2));
    await all.getByRole('button', { name: act }).click();
    await expect(all).toHaveCount(0);
    await chat.hasHeard(['하나', '둘']);
    await expect(chat.pending).toHaveCount(0);
  }
});

test('an edit that is refused is shown with its text, which can be copied', async ({ person, madang, relay, quiet }) => {
  quiet.expect(CONNECTION_LOST);
  const mina = await person({ baseURL: relay.url });
  await mina.say('처음 말');
  const seq = await mina.placeOf('처음 말');
  relay.down();
  await expect(mina.status).not.toHaveText('');
  await mina.choose('처음 말', ko.page.edit);
  await mina.input.fill('애써 고친 말');
  await mina.input.press('Enter');
  await expect(mina.input).toHaveValue('');
  // The same person deletes it elsewhere.
  const answer = await mina.page.context().request.post(`${madang.url}/api/v1/commands`, {
    data: [{ type: 'delete', room: 'lobby', target: seq, clientId: crypto.randomUUID() }],
  });
  expect(answer.ok()).toBe(true);
  relay.up();
  const notice = mina.page.locator('.notice-stuck');
  await expect(notice).toContainText(ko.deleted);
  await expect(notice).toContainText('애써 고친 말');
  await notice.getByRole('button', { name: ko.copy, exact: true }).click();
  expect(await paste(mina)).toBe('애써 고친 말');
  await notice.getByRole('button', { name: ko.discard }).click();
  await expect(notice).toHaveCount(0);
});

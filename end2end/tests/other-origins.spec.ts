import type { Page } from '@playwright/test';

import { expect, REFUSED, test as base } from './support/madang.ts';
import { ForeignSite } from './support/foreign-site.ts';

const test = base.extend<{ elsewhere: ForeignSite }>({
  elsewhere: async ({}, use) => {
    const site = await ForeignSite.start();
    await use(site);
    site.dispose();
  },
});

/** Tries to open a socket from a page, and says how that ended. */
function openSocket(page: Page, url: string, protocols: string[]): Promise<string> {
  return page.evaluate(
    ([url, protocols]) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url, protocols);
        socket.onopen = () => resolve('open');
        socket.onclose = () => resolve('closed');
      }),
    [url, protocols] as const,
  );
}

for (const [client, protocols] of [
  ['plain', []],
  ['full', ['madang.v1']],
] as [string, string[]][]) {
  test(`a ${client} client in a page of another origin gets no socket`, async ({ chat, elsewhere, madang, quiet }) => {
    quiet.expect(/WebSocket connection to .* failed/);
    const before = madang.sessions;
    // Even in the browser of someone who is known here.
    const page = await chat.page.context().newPage();
    await page.goto(elsewhere.url);
    expect(await openSocket(page, `${madang.socketUrl}/`, protocols)).toBe('closed');
    await madang.logged(/a request was refused.*badOrigin.*elsewhere\.example/);
    expect(madang.sessions).toBe(before);
    // It is the origin that is refused, not the socket.
    expect(await openSocket(chat.page, `${madang.socketUrl}/`, protocols)).toBe('open');
  });
}

test('a form in a page of another origin posts nothing, not even for one who is known here', async ({
  chat,
  elsewhere,
  madang,
  quiet,
}) => {
  quiet.expect(REFUSED);
  const page = await chat.page.context().newPage();
  await page.goto(elsewhere.url);
  await page.evaluate((url) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = `${url}/rooms/lobby`;
    const field = document.createElement('input');
    field.name = 'message';
    field.value = '내가 한 말이 아니다';
    form.append(field);
    document.body.append(form);
    form.submit();
  }, madang.url);
  await madang.logged(/a request was refused.*badOrigin.*elsewhere\.example/);
  await chat.say('내가 한 말');
  await chat.hasHeard(['내가 한 말']);
  await chat.reload();
  await chat.hasHeard(['내가 한 말']);
});

test('a page of another origin can neither read what is said here nor ask who is here', async ({
  chat,
  elsewhere,
  madang,
  quiet,
}) => {
  quiet.expect(/CORS policy|net::ERR_FAILED/);
  const page = await chat.page.context().newPage();
  await page.goto(elsewhere.url);
  for (const path of ['/api/v1/rooms/lobby/messages', '/api/v1/me', '/']) {
    const read = page.evaluate(async (url) => {
      const answer = await fetch(url, { credentials: 'include' });
      return answer.text();
    }, madang.url + path);
    await expect(read).rejects.toThrow('Failed to fetch');
  }
});

test('the page may not be put into another’s frame', async ({ page, elsewhere, madang, quiet }) => {
  quiet.expect(/frame-ancestors/);
  await page.goto(elsewhere.url);
  const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await page.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, madang.url);
  await refused;
});

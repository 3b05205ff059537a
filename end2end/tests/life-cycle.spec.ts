import type { Page } from '@playwright/test';

import { expect, test } from './support/madang.ts';

/** Calls what the page's own module exports; importing it again gives the instance that runs already. */
async function unmount(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="modulepreload"]');
    if (!link) throw new Error('the page names no module');
    const { unmount } = await import(link.href);
    unmount();
  });
}

test('unmount() takes the component down and closes its socket, and the server sees it go', async ({
  chat,
  madang,
}) => {
  await madang.logged(/a session began.*WebSocket.*Full/);
  expect(madang.sessions).toBe(1);
  await chat.say('마지막 말');
  await chat.hears('마지막 말');

  await unmount(chat.page);
  await madang.logged(/a session ended.*WebSocket/);
  expect(madang.sessions).toBe(0);
  await expect(chat.heading).toHaveCount(0);
  await expect(chat.input).toHaveCount(0);
  await expect(chat.page.locator('#app')).toBeEmpty();
  await expect.poll(() => chat.lines.open.length).toBe(0);
});

test('after unmount() the page does not come back', async ({ chat, madang, person }) => {
  await unmount(chat.page);
  await madang.logged(/a session ended/);
  // What else would make it connect: the page is shown again, the network is there again.
  await chat.page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    dispatchEvent(new Event('online'));
  });
  const juno = await person();
  await juno.say('아무도 없나요');
  await juno.hears('아무도 없나요');
  expect(chat.lines.all).toHaveLength(1);
  expect(madang.sessions).toBe(1);
  await unmount(chat.page);
});

test('the socket is closed when the page is left', async ({ chat, madang }) => {
  await madang.logged(/a session began/);
  await chat.page.close();
  await madang.logged(/a session ended/);
  expect(madang.sessions).toBe(0);
});

/** One of several nodes: what people see while it joins the others, and while it cannot reach them. */

import { expect, Server, test as base } from './support/madang.ts';
import { Nats } from './support/nats.ts';
import { en, ko } from './support/words.ts';

const test = base.extend<{ nats: Nats }>({
  nats: async ({}, use) => {
    const nats = await Nats.make();
    await use(nats);
    await nats.dispose();
  },

  madang: async ({ nats }, use) => {
    const server = await Server.start(nats.flags);
    await use(server);
    await server.dispose();
  },
});

/** Waits until the node says this of itself. */
async function says(madang: Server, words: RegExp): Promise<void> {
  const readyz = async () => (await fetch(`${madang.url}/readyz`)).text();
  await expect.poll(readyz).toMatch(words);
}

/** What Chromium writes of a page that is answered with 503. */
const NOT_YET = /Failed to load resource: the server responded with a status of 503/;

test('a node that joins shows a page that opens by itself', async ({ nats, madang, page, quiet }) => {
  quiet.expect(NOT_YET);
  await says(madang, /^joining: /);
  await page.goto('/');
  await expect(page.getByRole('heading')).toHaveText(ko.page.closed);
  await expect(page.getByText(ko.page.closed_why)).toBeVisible();
  nats.start();
  await says(madang, /^ready/);
  await expect(page.getByRole('textbox', { name: ko.placeholder })).toBeVisible();
});

test.describe('in English', () => {
  test.use({ locale: 'en-US' });

  test('the page of a node that joins speaks the language of its reader', async ({ page, quiet }) => {
    quiet.expect(NOT_YET);
    await page.goto('/');
    await expect(page.getByRole('heading')).toHaveText(en.page.closed);
  });
});

test('while the servers are apart what is written is kept, the page says why, and it goes out by itself', async ({
  nats,
  madang,
  person,
}) => {
  nats.start();
  await says(madang, /^ready$/m);
  const [mina, juno] = [await person(), await person()];
  await mina.say('하나');
  await juno.hears('하나');

  await nats.kill();
  await says(madang, /apart from NATS/);
  await mina.say('둘');
  await expect(mina.status).toHaveText(ko.trouble_apart);
  await expect(mina.pending).toHaveText(['둘']);
  // What is there can be read.
  await juno.reload();
  await juno.hears('하나');

  nats.start();
  await juno.hears('둘');
  await mina.hasHeard(['하나', '둘']);
  await expect(mina.pending).toHaveCount(0);
  await expect(mina.status).toHaveText('');
});

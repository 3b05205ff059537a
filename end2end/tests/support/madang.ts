/**
 * What every test starts from:
 *
 *     import { expect, test } from './support/madang.ts';
 *
 *     test('two people chat', async ({ person }) => {
 *       const [mina, juno] = [await person(), await person()];
 *       await mina.say('안녕');
 *       await juno.hears('안녕');
 *     });
 *
 * Each test has a server of its own (`madang`), started at its first use. `page` opens paths of that server. A console
 * error or warning and an error nobody caught fail the test unless it said `quiet.expect(…)`.
 */

import { type BrowserContextOptions, expect, test as base } from '@playwright/test';

import { Chat } from './chat.ts';
import { Program } from './program.ts';
import { Quiet } from './quiet.ts';
import { Relay } from './relay.ts';
import { Server } from './server.ts';

export { expect };
export { Chat } from './chat.ts';
export { CONNECTION_LOST, LOADED_IN_VAIN, REFUSED } from './quiet.ts';
export { Server } from './server.ts';

interface Fixtures {
  /** Flags for the server, set with `test.use({ serverFlags: […] })`. */
  serverFlags: string[];
  /** This test's server. */
  madang: Server;
  /** Someone who speaks HTTP with it. */
  program: Program;
  /** A network between browsers and this server, to be cut: `person({ baseURL: relay.url })`. */
  relay: Relay;
  /** What the consoles of all pages say. */
  quiet: Quiet;
  /** The chat on the test's own `page`, with the lobby open. */
  chat: Chat;
  /** A further person, that is a browser profile of their own, with a room open (the lobby if none is named). */
  person: (options?: BrowserContextOptions & { room?: string }) => Promise<Chat>;
}

export const test = base.extend<Fixtures>({
  serverFlags: [[], { option: true }],

  madang: async ({ serverFlags }, use, testInfo) => {
    const server = await Server.start(['--log', 'info,server=debug', ...serverFlags]);
    await use(server);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach('server.log', { body: server.logs.join('\n'), contentType: 'text/plain' });
    }
    await server.dispose();
  },

  program: async ({ madang }, use) => use(await Program.introduce(madang)),

  relay: async ({ madang }, use) => {
    const relay = await Relay.to(madang);
    await use(relay);
    await relay.dispose();
  },

  baseURL: async ({ madang }, use) => use(madang.url),

  quiet: [
    async ({}, use) => {
      const quiet = new Quiet();
      await use(quiet);
      expect(quiet.unexpected, 'the console stays empty').toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, quiet }, use) => {
    quiet.watch(context);
    await use(context);
    quiet.over();
  },

  chat: async ({ page }, use) => use(await new Chat(page).open()),

  person: async ({ browser, baseURL, quiet, contextOptions }, use) => {
    const contexts: { close(): Promise<void> }[] = [];
    await use(async ({ room, ...options } = {}) => {
      const context = await browser.newContext({ ...contextOptions, baseURL, locale: 'ko-KR', ...options });
      contexts.push(context);
      quiet.watch(context);
      return new Chat(await context.newPage()).open(room);
    });
    quiet.over();
    await Promise.all(contexts.map((context) => context.close()));
  },
});

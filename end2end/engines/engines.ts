/** What the tests of the other engines start from: a server of their own, somebody who speaks HTTP, and a browser's tab. */

import { expect, test as base } from '@playwright/test';

import { Program } from '../tests/support/program.ts';
import { Server } from '../tests/support/server.ts';
import { Firefox } from './firefox.ts';
import { Tab } from './tab.ts';
import { WebKit } from './webkit.ts';

export { expect };

export interface Options {
  engine: 'firefox' | 'webkit';
  /** MiniBrowser’s window gets no narrower than some 450 pixels, and is pointed at by a mouse whatever its size. */
  device: 'desk' | 'phone';
}

interface Fixtures extends Options {
  madang: Server;
  program: Program;
  /** The browser, with nothing loaded. A word in its console fails the test unless it said `tab.expectComplaint(…)`. */
  tab: Tab;
}

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

export const test = base.extend<Fixtures>({
  engine: ['firefox', { option: true }],
  device: ['desk', { option: true }],

  madang: async ({}, use) => {
    const server = await Server.start(['--post-rate', '0']);
    await use(server);
    await server.dispose();
  },

  program: async ({ madang }, use) => use(await Program.introduce(madang)),

  tab: async ({ engine, device }, use) => {
    const size = SIZES[device];
    const isTouched = engine === 'firefox' && device === 'phone';
    const driver = engine === 'firefox' ? await Firefox.open(size, isTouched) : await WebKit.open(size);
    const tab = new Tab(driver, isTouched);
    await use(tab);
    const complaints = tab.complaints();
    await tab.close();
    expect(complaints, 'the console stays empty').toEqual([]);
  },
});

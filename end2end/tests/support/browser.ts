/** The browser the tests run in, and how it is started. */

import { existsSync } from 'node:fs';

import type { LaunchOptions } from '@playwright/test';

import { EXAMPLE_IS_HERE } from './foreign-site.ts';

// Debian's packages: without windows, which is twice as fast, or the whole browser. Elsewhere Playwright uses what it
// downloaded itself.
const DEBIAN_CHROMIUM = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

const isRoot = process.getuid?.() === 0;

export const launchOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM_PATH || DEBIAN_CHROMIUM.find((path) => existsSync(path)),
  args: [
    ...(isRoot ? ['--no-sandbox'] : []),
    // The browser is here for the page under test and for nothing else on the network.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--no-first-run',
    `--host-resolver-rules=${EXAMPLE_IS_HERE}`,
  ],
};

/** The browser the tests run in, and how it is started. */

import { existsSync } from 'node:fs';

import type { LaunchOptions } from '@playwright/test';

import { EXAMPLE_IS_HERE } from './foreign-site.ts';

// Debian's package; elsewhere Playwright uses the browser it downloaded itself.
const DEBIAN_CHROMIUM = '/usr/bin/chromium';

const isRoot = process.getuid?.() === 0;

export const launchOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM_PATH || (existsSync(DEBIAN_CHROMIUM) ? DEBIAN_CHROMIUM : undefined),
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

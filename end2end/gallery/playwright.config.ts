/** `cargo xtask gallery`: pictures, not tests. */

import { join } from 'node:path';

import tests from '../playwright.config.ts';
import { FOLDER } from './contact-sheet.ts';

export default {
  ...tests,
  testDir: '.',
  testMatch: '*.gallery.ts',
  outputDir: join(FOLDER, 'failed'),
  timeout: 30_000,
  globalTeardown: './contact-sheet.ts',
  use: { ...tests.use, screenshot: 'off' as const, trace: 'off' as const },
};

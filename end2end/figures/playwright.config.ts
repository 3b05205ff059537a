/** `cargo xtask figures`: measurements, not tests. One at a time, so that none disturbs another. */

import tests from '../playwright.config.ts';

export default {
  ...tests,
  testDir: '.',
  testMatch: '*.figures.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 20 * 60_000,
  use: { ...tests.use, screenshot: 'off' as const },
};

/** `cargo xtask test trunk` and `cargo xtask test watch`: what somebody sees who works on the page. */

import tests from '../playwright.config.ts';

export default {
  ...tests,
  testDir: '.',
  workers: 1,
  fullyParallel: false,
};

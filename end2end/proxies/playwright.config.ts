/** `cargo xtask test proxies`: the chat behind real proxies. Most of a test's time passes in waiting. */

import tests from '../playwright.config.ts';

export default {
  ...tests,
  testDir: '.',
  workers: 4,
};

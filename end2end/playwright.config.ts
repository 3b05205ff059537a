import { defineConfig, devices } from '@playwright/test';

import { launchOptions } from './tests/support/browser.ts';

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  // A test that passes only the second time has found something.
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    ...devices['Desktop Chrome'],
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    screenshot: 'only-on-failure',
    // Recording every test takes a quarter of the time; `npx playwright test --trace on tests/…` records one.
    trace: 'off',
    launchOptions,
  },
  projects: [{ name: 'chromium' }],
});

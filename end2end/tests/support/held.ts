/** What a page asked for and does not have yet. */

import type { Page } from '@playwright/test';

/** Holds what the page asks for at these addresses back until the returned function is called. */
export async function hold(page: Page, addresses: string): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(addresses, async (route) => {
    await released;
    // The page may have been left meanwhile.
    await route.continue().catch(() => {});
  });
  return release;
}

/**
 * Holds the WASM back: the page shows what the server rendered, and nothing of it is alive yet. To be called before the
 * page is opened.
 */
export async function holdWasm(page: Page): Promise<() => void> {
  return hold(page, '**/*.wasm');
}

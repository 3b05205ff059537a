/** When something was said, as a page is told it: the server's own clock cannot be turned back. */

import type { Page } from '@playwright/test';

/**
 * Lets the messages in the HTML of the pages to come have been said at these times (RFC 3339), in this order. It happens
 * as the HTML is read, before any script of the page runs; the server has grouped them by the times they really have.
 */
export async function setTimes(page: Page, times: string[]): Promise<void> {
  await page.addInitScript((times: string[]) => {
    const set = new WeakSet<Element>();
    let next = 0;
    new MutationObserver((_, observer) => {
      for (const row of document.querySelectorAll('#app .message')) {
        const time = times[next];
        if (set.has(row) || time === undefined) continue;
        set.add(row);
        row.setAttribute('data-at', `${Date.parse(time)}`);
        next += 1;
      }
      // What the script starts from is whole when something stands after it.
      const start = document.querySelector('#start');
      if (!start?.nextElementSibling) return;
      const read = JSON.parse(start.textContent ?? '');
      times.forEach((time, index) => (read.page.messages[index].at = Date.parse(time)));
      start.textContent = JSON.stringify(read);
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  }, times);
}

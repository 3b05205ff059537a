// Watches over the taking over of the server's HTML by the WASM, and over forms that leave the page. It stands in the
// page itself, so that it is there when nothing else comes.
{
  const root = document.documentElement;
  const app = document.querySelector("#app");
  const line = document.querySelector("#trouble");
  let isStopped = false;

  // What is amiss, in the server's words. Without this, the style sheet shows the first of them after ten seconds.
  const say = (what) => {
    line.firstElementChild.textContent = line.dataset[what];
    line.dataset.on = what;
  };
  const unsay = (what) => {
    if (line.dataset.on === what) delete line.dataset.on;
  };

  // A proxy serves the site below a path: nothing the page loads is where the page looks for it.
  const isMisplaced = !/^\/($|rooms\/|me\/)/.test(location.pathname);
  if (isMisplaced) say("misplaced");

  // The elements that the server drew, but for what is within messages, and what stood in each. Whatever else gets in
  // among them before the WASM takes them over (extensions do that, and translation) would be taken for ours.
  const ours = "[data-drawn]";
  const places = [app, ...app.querySelectorAll(ours)]
    .filter((parent) => parent.firstElementChild && !parent.matches(".message"))
    .map((parent) => {
      const isBox = parent.querySelector(":scope > :is(div, main, section, ol, li, form, textarea)");
      const isOurs = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.matches(ours) : !isBox || node.nodeType !== Node.TEXT_NODE);
      return { parent, isBox, children: [...parent.childNodes].filter(isOurs) };
    });

  // Puts the chat in the order the server drew it in, and answers with what brings back the rest.
  const settle = () => {
    const strangers = [];
    for (const { parent, isBox, children } of places) {
      const known = new Set(children);
      for (const node of [...parent.childNodes]) {
        if (known.has(node)) continue;
        const isStranger = isBox && node.nodeType === Node.ELEMENT_NODE && !node.querySelector(ours);
        if (isStranger) strangers.push([parent, node, children.find((child) => node.compareDocumentPosition(child) & 4)]);
        node.remove();
      }
      let next = null;
      for (const child of [...children].reverse()) {
        if (child.parentNode !== parent || child.nextSibling !== next) parent.insertBefore(child, next);
        next = child;
      }
    }
    return () => {
      for (const [parent, node, before] of strangers) parent.insertBefore(node, before?.parentNode === parent ? before : null);
    };
  };

  const hydrateSettled = (hydrate) => {
    const focused = document.activeElement;
    const timeline = document.querySelector("#timeline");
    const top = timeline?.scrollTop;
    const bringBack = settle();
    if (timeline && timeline.scrollTop !== top) timeline.scrollTop = top;
    if (document.activeElement !== focused) focused?.focus({ preventScroll: true });
    hydrate();
    bringBack();
  };

  // A task of its own for each part: on a slow phone all of it in one is too long.
  const turn = () => new Promise((resolve) => setTimeout(resolve));

  // Called by the page's module, with what loads the script.
  window.takeOver = async (load, wasm, styles) => {
    try {
      const { default: init, hydrate } = await load();
      await init({ module_or_path: wasm });
      await turn();
      hydrateSettled(hydrate);
      // The client is started by the next one.
      await turn();
      if (isStopped) return;
      root.dataset.alive = "";
      if (styles) await fetch(styles, { priority: "low" }).catch(() => {});
    } catch (error) {
      console.error(error);
      say(isMisplaced ? "misplaced" : "unstarted");
    }
  };

  // A trap in the WASM: nobody knows what state it is in. Its listeners hear no more, so that forms and links are the browser's.
  const stop = (error) => {
    if (!(error instanceof globalThis.WebAssembly?.RuntimeError) || isStopped) return;
    isStopped = true;
    delete root.dataset.alive;
    say("stopped");
  };
  addEventListener("error", (event) => stop(event.error));
  addEventListener("unhandledrejection", (event) => stop(event.reason));

  // Whether the server answers. A form is sent by leaving the page: when nobody is there, what comes is the browser's own
  // page, and what was written is gone.
  const answers = () =>
    fetch("/healthz", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(8_000) }).then(
      (answer) => answer.ok,
      () => false,
    );
  const waitForAnswer = async () => {
    while (line.dataset.on === "away") {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      if (await answers()) unsay("away");
    }
  };
  let asked;
  let isLeaving = false;
  const submit = async (event) => {
    const form = event.target;
    const isWasms = "alive" in root.dataset && form.dataset.act;
    if (isLeaving || isWasms || form.method === "dialog") return;
    event.preventDefault();
    if (asked) return;
    asked = answers();
    if (await asked) {
      unsay("away");
      isLeaving = true;
      try {
        // The button may have been drawn anew meanwhile.
        form.requestSubmit(event.submitter?.form === form ? event.submitter : null);
      } finally {
        isLeaving = false;
        asked = undefined;
      }
    } else {
      form.closest(":popover-open")?.hidePopover();
      say("away");
      waitForAnswer();
    }
    asked = undefined;
  };
  addEventListener("submit", submit, true);

  const deafen = (event) => {
    if (isStopped) event.stopImmediatePropagation();
  };
  for (const name of ["click", "mousedown", "submit", "input", "beforeinput", "keydown", "focusout", "popstate", "scroll"]) {
    addEventListener(name, deafen, true);
  }

  // Without its cookie nobody is anybody. Who has just been made somebody looks whether it comes back: asked twice, since
  // a page of ours in another tab may have been given another at the same time.
  const whoAmI = async () => (await (await fetch("/api/v1/me")).json()).userId;
  const lookForCookie = async () => {
    const first = await whoAmI();
    if (first !== app.dataset.user && first !== (await whoAmI())) say("cookies");
  };
  if (!navigator.cookieEnabled) say("cookies");
  else if ("new" in app.dataset) addEventListener("load", () => setTimeout(() => lookForCookie().catch(() => {}), 2_000));
}

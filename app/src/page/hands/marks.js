// What is written here is drawn as the server will draw it, by the same code: the markup, as a WASM of its own. It is loaded
// when somebody writes something that it may change, and not before the page is alive. Until it is there, and where it does
// not come, what was written is shown as it was typed.
{
  const signs = /[*_`>[@#\\]|~~|:\/\/|ww\.|^\s*([-+]|\d+[.)])|\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3/imu;

  // Called by the page's module.
  window.letMark = (js, wasm) => {
    let html;
    let loading;
    let attempts = 0;
    const load = async () => {
      try {
        // An address of its own each time: browsers keep what did not come as well.
        const markup = await import(`${js}#${attempts++}`);
        await markup.default({ module_or_path: wasm });
        html = markup.html;
        marks.ready = true;
        dispatchEvent(new Event("marks"));
      } catch {
        setTimeout(() => (loading = null), 10_000);
      }
    };

    // Called by the page's WASM: the HTML of what was written, if it is known here and more than text.
    const marks = (message) => {
      if (!signs.test(message)) return;
      loading ??= load();
      try {
        return html?.(message);
      } catch (error) {
        // A trap: nobody knows what state it is in.
        console.error(error);
        html = null;
      }
    };
    window.marks = marks;
    addEventListener("input", ({ target }) => {
      if (target.name === "message" && "alive" in document.documentElement.dataset) marks(target.value);
    });
  };
}

// The first of all formatters takes a slow phone 50 ms, those after it next to nothing.
setTimeout(() => new Intl.NumberFormat(document.documentElement.lang));

//! The scripts that stand in the page itself. They are not part of what the page loads, and they are there when that is not.

use std::sync::LazyLock;

/// What runs as soon as the chat's HTML is there: puts the times that the server wrote right and the message that was asked
/// for into view, before they are seen; and watches over the taking over of the page.
pub(super) static FIRST: LazyLock<String> = LazyLock::new(|| {
    let sources = [include_str!("first_look.js"), include_str!("taking_over.js")];
    let lines = sources.iter().flat_map(|source| source.lines()).map(str::trim);
    let lines: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    lines.join("\n")
});

/// The module that loads the script and the WASM from these addresses. It waits for the page to be there by itself.
pub(super) fn module(js: &str, wasm: &str) -> String {
    format!("takeOver(() => import({js:?}), {wasm:?});")
}

//! The scripts that stand in the page itself. They are not part of what the page loads, and they are there when that is not.

use std::sync::LazyLock;

/// What runs as soon as the chat's HTML is there: puts the times that the server wrote right and the message that was asked
/// for into view, before they are seen; follows links to here in the page; lets the input grow; and watches over the taking over of the page.
pub(super) static FIRST: LazyLock<String> = LazyLock::new(|| {
    joined(&[
        include_str!("early_line.js"),
        include_str!("first_look.js"),
        include_str!("own_links.js"),
        include_str!("input_height.js"),
        include_str!("taking_over.js"),
    ])
});

/// What runs before anything is painted, while the rest of the page is on its way.
pub(super) static WARM: LazyLock<String> = LazyLock::new(|| joined(&[include_str!("warm.js")]));

/// What runs when all of the document is there: what the page does by itself with hands, before the WASM is there and beside it.
/// It concerns what the server has drawn, so that neither it nor its words are in the WASM.
pub(super) static HANDS: LazyLock<String> = LazyLock::new(|| {
    joined(&[
        include_str!("hands/dialogs.js"),
        include_str!("hands/forms.js"),
        include_str!("hands/keys.js"),
        include_str!("hands/touch.js"),
        include_str!("hands/code.js"),
        include_str!("hands/emoji.js"),
        include_str!("hands/files.js"),
        include_str!("hands/day.js"),
        include_str!("hands/rooms.js"),
        include_str!("hands/marks.js"),
        include_str!("hands/people.js"),
    ])
});

/// The scripts, one after another, without their comments: each is a block of its own.
fn joined(sources: &[&str]) -> String {
    let lines = sources.iter().flat_map(|source| source.lines()).map(str::trim);
    let lines: Vec<&str> = lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .collect();
    lines.join("\n")
}

/// The module that loads the script and the WASM from these addresses, says where those of the markup are, and keeps the style
/// sheet at `css` for the next page where it stands in this one. It waits for the page to be there by itself.
pub(super) fn module(js: &str, wasm: &str, css: Option<&str>, marks: Option<&(String, String)>) -> String {
    let css = css.map(|css| format!(", {css:?}")).unwrap_or_default();
    let mut module = format!("takeOver(() => import({js:?}), {wasm:?}{css});");
    if let Some((js, wasm)) = marks {
        module += &format!("\nletMark({js:?}, {wasm:?});");
    }
    module
}

//! Blocks of code, wherever people put the backticks around them.
//!
//! CommonMark wants three backticks on a line of their own on both sides. People write
//!
//! ````text
//! 이거 ```SELECT *
//! FROM t;``` 맞아?
//! ````
//!
//! and mean all that is between them. What follows the first ones on their line is hidden only if it is the name of a
//! language; nothing else that was written is.

use std::borrow::Cow;

use super::dialect::EMPTY_LINE;

/// Backticks that begin or end a block, at least.
const FENCE_MIN: usize = 3;

/// The text with the fences of its blocks of code on lines of their own, as far as they are not within a quote or list. Line
/// ends that are put in are [`EMPTY_LINE`]s.
pub(super) fn on_lines_of_their_own(text: &str) -> Cow<'_, str> {
    if !text.contains("```") || !text.contains('\n') {
        return Cow::Borrowed(text);
    }
    let runs = runs(text);
    let mut ends: Vec<usize> = Vec::new();
    let mut index = 0;
    while index < runs.len() {
        let begin = &runs[index];
        let later = &runs[index + 1..];
        let is_span = later.first().is_some_and(|next| next.line == begin.line);
        let Some(skipped) = (!is_span).then(|| end_of(begin, later)).flatten() else {
            // Code within the line, or without an end.
            index += if is_span { 2 } else { 1 };
            continue;
        };
        let end = &later[skipped];
        index += skipped + 2;
        if begin.is_marked {
            continue;
        }
        if !begin.before.is_empty() {
            ends.push(begin.at);
        }
        if !begin.after.is_empty() && language(begin.after).is_none() {
            ends.push(begin.at + begin.length);
        }
        if !end.before.is_empty() {
            ends.push(end.at);
        }
        if !end.after.is_empty() {
            ends.push(end.at + end.length);
        }
    }
    if ends.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut lines = String::with_capacity(text.len() + ends.len() * EMPTY_LINE.len());
    let mut written = 0;
    for end in ends {
        lines.push_str(&text[written..end]);
        lines.push_str(EMPTY_LINE);
        written = end;
    }
    lines.push_str(&text[written..]);
    Cow::Owned(lines)
}

/// The programming language that a fence names, fit for a class. Others than these are what somebody wrote.
pub(super) fn language(info: &str) -> Option<String> {
    const LANGUAGES: &str = "asm assembly awk bash basic bat batch c c# c++ cc clj clojure cmake cmd cobol coffee conf console cpp \
        cs csharp css csv cuda cxx d dart diff docker dockerfile dos elixir elm erl erlang ex f# fish fortran fs fsharp gdscript \
        glsl go golang graphql groovy h haskell hcl hlsl hpp hs html http ini java javascript jinja js json json5 jsonc jsx \
        julia kotlin kt latex less lisp log lua make makefile markdown matlab md mermaid mjs nginx nim nix objc objective-c \
        objectivec ocaml output pascal patch perl php plain plaintext pl plpgsql postgres powershell prolog properties proto \
        protobuf ps1 py python python3 r racket rb regex rs rst ruby rust sass scala scheme scss sh shell sol solidity sparql \
        sql svelte svg swift sys tcl terminal terraform tex text tf toml ts tsx txt typescript v vb vba verilog vhdl vim vue wasm \
        wat wgsl xml yaml yml zig zsh";
    let name = info.trim().to_ascii_lowercase();
    LANGUAGES
        .split_whitespace()
        .any(|language| language == name)
        .then_some(name)
}

/// A run of backticks that may be a fence.
struct Run<'a> {
    at: usize,
    length: usize,
    /// The number of its line.
    line: usize,
    /// What stands before it on its line, but for white space around that.
    before: &'a str,
    after: &'a str,
    /// Whether its line belongs to a quote or list.
    is_marked: bool,
}

fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for (number, line) in text.split('\n').enumerate() {
        let mut from = 0;
        while let Some(found) = line[from..].find("```") {
            let at = from + found;
            let length = line.len() - at - line[at..].trim_start_matches('`').len();
            let before = line[..at].trim();
            runs.push(Run {
                at: start + at,
                length: length.max(FENCE_MIN),
                line: number,
                before,
                after: line[at + length..].trim(),
                is_marked: before.starts_with(['>', '-', '+', '*'])
                    || before.ends_with('.') && before.len() < 5,
            });
            from = at + length;
        }
        start += line.len() + 1;
    }
    runs
}

/// Which of the later runs ends the block: the first that is alone on its line, or that a line ends with; else the first
/// on a later line.
fn end_of(begin: &Run<'_>, later: &[Run<'_>]) -> Option<usize> {
    let fits = |run: &&Run<'_>| run.length >= begin.length && run.line > begin.line;
    let place = |is: &dyn Fn(&Run<'_>) -> bool| later.iter().position(|run| fits(&run) && is(run));
    place(&|run| run.after.is_empty()).or_else(|| place(&|_| true))
}

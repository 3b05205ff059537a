//! As much of Markdown as the checks need: headings, code blocks, code spans, links.

/// A heading: its level and its text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heading<'a> {
    pub(crate) level: usize,
    pub(crate) text: &'a str,
}

/// A fenced block of code: its language and its lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    pub(crate) language: &'a str,
    pub(crate) lines: Vec<&'a str>,
}

/// The lines outside fenced blocks, with their numbers from 1.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        if fence {
            fenced = !fenced;
        }
        (!fence && !fenced).then_some((index + 1, line))
    })
}

/// The headings, in order.
pub(crate) fn headings(text: &str) -> impl Iterator<Item = Heading<'_>> {
    prose(text).filter_map(|(_, line)| heading(line))
}

fn heading(line: &str) -> Option<Heading<'_>> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let text = line.get(level..)?.strip_prefix(' ')?;
    (1..=6).contains(&level).then_some(Heading {
        level,
        text: text.trim(),
    })
}

/// The fenced blocks, in order.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => {
                open = Some(Block {
                    language: language.trim(),
                    lines: Vec::new(),
                });
            }
            (None, Some(block)) => block.lines.push(line),
            (None, None) => {}
        }
    }
    blocks
}

/// The text below the heading that contains `title`, down to the next heading of its level or above.
pub(crate) fn section<'a>(text: &'a str, title: &str) -> Option<&'a str> {
    let mut start = None;
    let mut fenced = false;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if let Some(found) = heading(line).filter(|_| !fenced) {
            match start {
                None if found.text.to_lowercase().contains(&title.to_lowercase()) => {
                    start = Some((at + line.len(), found.level));
                }
                Some((begin, level)) if found.level <= level => return text.get(begin..at),
                _ => {}
            }
        }
        at += line.len();
    }
    start.and_then(|(begin, _)| text.get(begin..))
}

/// The code spans of a line, without their marks.
pub(crate) fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The targets of the links and images of a line, in Markdown's form and in HTML's.
pub(crate) fn targets(line: &str) -> Vec<&str> {
    let after = |mark: &'static str, end: char| {
        line.split(mark)
            .skip(1)
            .filter_map(move |rest| rest.split(end).next())
    };
    after("](", ')')
        .chain(after("src=\"", '"'))
        .chain(after("href=\"", '"'))
        .filter_map(|target| target.split_whitespace().next())
        .collect()
}

/// The anchor a heading gets: lower case, punctuation gone, spaces as hyphens.
pub(crate) fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "# A\n\n```sh\n# not a heading\nls\n```\n\n## Code map\n\n`x/`\n\n### deeper\n\n## `B`, c!\n";

    #[test]
    fn headings_are_those_outside_code() {
        let found: Vec<_> = headings(TEXT).map(|h| (h.level, h.text)).collect();
        assert_eq!(found, [(1, "A"), (2, "Code map"), (3, "deeper"), (2, "`B`, c!")]);
        assert_eq!(anchor("`B`, c! 채팅"), "b-c-채팅");
    }

    #[test]
    fn a_section_ends_where_the_next_of_its_level_begins() {
        assert_eq!(section(TEXT, "code map"), Some("\n`x/`\n\n### deeper\n\n"));
        assert_eq!(section(TEXT, "nowhere"), None);
    }

    #[test]
    fn links_are_found_in_both_forms() {
        assert_eq!(
            targets("[a](b.md#c) ![d](<e> \"f\") <img src=\"g.png\">"),
            ["b.md#c", "<e>", "g.png"]
        );
    }
}

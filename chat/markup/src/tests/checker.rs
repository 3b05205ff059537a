//! A reader of HTML that takes nothing but what is promised.

use super::LINK;
use crate::limits::MARKUP_NESTING_MAX;

/// Reads HTML as strictly as the promise is: each element is one that is allowed, has the attributes it must have and
/// no others, is closed, and stands where it may; all else is text, whose letters are those of `written`.
pub(super) fn check(html: &str, written: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut letters = written.chars().filter(|c| c.is_alphanumeric());
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(tag) = rest.strip_prefix('<') {
            let (tag, after) = tag.split_once('>').ok_or("a tag without an end")?;
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return Err(format!("</{name}> closes something else"));
                }
            } else {
                element(tag, &mut open)?;
            }
            continue;
        }
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        rest = after;
        if matches!(open.last(), Some(&("ul" | "ol" | "pre"))) {
            return Err(format!("{text:?} stands in {open:?}"));
        }
        if text.contains('\n') && !open.contains(&"pre") {
            return Err("a line feed outside a code block".to_owned());
        }
        if let Some(stranger) = unescape(text)?
            .chars()
            .filter(|c| c.is_alphanumeric())
            .find(|c| !letters.any(|letter| letter == *c))
        {
            return Err(format!("{stranger:?} was not written there"));
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} stay open"))
    }
}

/// That of their text, so that their marks stand on its side.
const DIRECTION: &str = "dir=\"auto\"";

fn element<'a>(tag: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    const BLOCKS: [&str; 5] = ["pre", "blockquote", "ul", "ol", "li"];
    const INLINE: [&str; 6] = ["em", "strong", "del", "code", "a", "span"];
    let (name, attributes) = tag.split_once(' ').map_or((tag, ""), |(name, rest)| (name, rest));
    let parent = open.last().copied().unwrap_or_default();
    let is_fit = match name {
        "br" | "em" | "strong" | "del" | "pre" | "li" => attributes.is_empty(),
        "blockquote" | "ul" => attributes == DIRECTION,
        "ol" => {
            attributes == DIRECTION
                || attributes
                    .strip_suffix(DIRECTION)
                    .is_some_and(|start| is_start(start.trim_end()))
        }
        "code" => attributes.is_empty() || parent == "pre" && is_language(attributes),
        "span" => matches!(attributes, "class=\"mention\"" | "class=\"pictures\""),
        "a" => (is_link(attributes)? || is_room(attributes)) && !open.contains(&"a"),
        _ => false,
    };
    let is_placed = match name {
        "li" => matches!(parent, "ul" | "ol"),
        _ if matches!(parent, "ul" | "ol") => false,
        _ if parent == "pre" => name == "code",
        "br" => !open.contains(&"code"),
        _ if BLOCKS.contains(&name) => !INLINE.contains(&parent),
        _ => true,
    };
    if !is_fit || !is_placed || open.len() > MARKUP_NESTING_MAX + 2 {
        return Err(format!("<{tag}> in {open:?}"));
    }
    if name != "br" {
        open.push(name);
    }
    Ok(())
}

fn value<'a>(attribute: &'a str, name: &str) -> Option<&'a str> {
    attribute
        .strip_prefix(name)?
        .strip_prefix("=\"")?
        .strip_suffix('"')
}

fn is_start(attribute: &str) -> bool {
    value(attribute, "start").is_some_and(|number| number.parse::<u16>().is_ok())
}

fn is_language(attribute: &str) -> bool {
    let language = value(attribute, "class").and_then(|class| class.strip_prefix("language-"));
    language.is_some_and(|language| {
        let is_fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+#-".contains(c);
        (1..=20).contains(&language.len()) && language.chars().all(is_fit)
    })
}

fn is_room(attribute: &str) -> bool {
    let name = value(attribute, "href").and_then(|address| address.strip_prefix("/rooms/"));
    name.is_some_and(|name| {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_%".contains(c);
        !name.is_empty() && name.chars().all(is_fit)
    })
}

fn is_link(attributes: &str) -> Result<bool, String> {
    let Some(href) = attributes
        .strip_suffix(LINK)
        .and_then(|rest| value(rest.trim_end(), "href"))
    else {
        return Ok(false);
    };
    let address = unescape(href)?.to_ascii_lowercase();
    let leads = ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| address.starts_with(scheme));
    Ok(leads && !address.contains(char::is_control))
}

pub(super) fn unescape(text: &str) -> Result<String, String> {
    if text.contains(['>', '"', '\r', '\u{85}', '\u{86}', '\0']) {
        return Err(format!("{text:?} is not escaped"));
    }
    let mut plain = String::new();
    let mut parts = text.split('&');
    plain.extend(parts.next());
    for part in parts {
        let (entity, after) = part.split_once(';').ok_or("a bare &")?;
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => return Err(format!("&{entity};")),
        });
        plain.push_str(after);
    }
    Ok(plain)
}

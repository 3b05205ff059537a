//! docs/PROTOCOL.md shows every frame and describes every error code, and none that does not exist.

use protocol::{ClientFrame, ErrorCode, ServerFrame};

use super::Complaint;
use super::markdown::{section, spans};
use super::repository::Repository;

const DOCUMENT: &str = "docs/PROTOCOL.md";
const CODES_TITLE: &str = "error codes";

/// Checks the document.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let Some(text) = repository.text(DOCUMENT) else {
        return vec![Complaint::new(DOCUMENT, "is missing")];
    };
    let mut complaints = frames(text);
    complaints.extend(codes(text));
    complaints
}

/// A frame counts as described when an example of it is shown: `"type":"join"`.
fn frames(text: &str) -> Vec<Complaint> {
    let mut known: Vec<&str> = ClientFrame::TYPES.to_vec();
    known.extend(ServerFrame::TYPES);
    let shown: Vec<&str> = values(text, "type").collect();
    let missing = known.iter().filter(|kind| !shown.contains(*kind));
    let unknown = shown.iter().filter(|kind| !known.contains(*kind));
    missing
        .map(|kind| Complaint::new(DOCUMENT, format!("shows no frame of the type `{kind}`")))
        .chain(
            unknown
                .map(|kind| Complaint::new(DOCUMENT, format!("shows a type `{kind}`, which does not exist"))),
        )
        .collect()
}

/// An error code counts as described when it begins a row of the table, with its HTTP status beside it.
fn codes(text: &str) -> Vec<Complaint> {
    let Some(table) = section(text, CODES_TITLE) else {
        return vec![Complaint::new(
            DOCUMENT,
            format!("has no section \"{CODES_TITLE}\""),
        )];
    };
    let rows: Vec<(&str, &str)> = table.lines().filter_map(row).collect();
    let mut complaints = Vec::new();
    for code in ErrorCode::ALL {
        let name = code.as_str();
        match rows.iter().find(|(described, _)| *described == name) {
            None => complaints.push(Complaint::new(
                DOCUMENT,
                format!("does not describe the error `{name}`"),
            )),
            Some((_, rest)) if !rest.contains(&code.status().to_string()) => {
                let what = format!("does not say that `{name}` goes with status {}", code.status());
                complaints.push(Complaint::new(DOCUMENT, what));
            }
            Some(_) => {}
        }
    }
    let described = rows.iter().map(|(name, _)| *name);
    for name in described.chain(values(text, "code")) {
        if !ErrorCode::ALL.iter().any(|code| code.as_str() == name) {
            complaints.push(Complaint::new(
                DOCUMENT,
                format!("names an error `{name}`, which does not exist"),
            ));
        }
    }
    complaints
}

/// A row of a table that begins with a name in code type: the name and the rest.
fn row(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start().strip_prefix('|')?;
    let (first, rest) = line.split_once('|')?;
    Some((spans(first).next()?, rest))
}

/// The texts that stand as values of this key in JSON anywhere in the document.
fn values<'a>(text: &'a str, key: &str) -> impl Iterator<Item = &'a str> {
    let key = format!("\"{key}\"");
    let places: Vec<usize> = text.match_indices(&key).map(|(at, _)| at + key.len()).collect();
    places.into_iter().filter_map(move |at| {
        let rest = text.get(at..)?.trim_start().strip_prefix(':')?;
        rest.trim_start().strip_prefix('"')?.split('"').next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> String {
        let types = ClientFrame::TYPES.iter().chain(ServerFrame::TYPES);
        let frames: String = types.map(|kind| format!("{{\"type\": \"{kind}\"}}\n")).collect();
        let codes: String = ErrorCode::ALL
            .iter()
            .map(|code| format!("| `{}` | {} |\n", code.as_str(), code.status()))
            .collect();
        format!("# P\n{frames}\n## Error codes\n\n| code | status |\n|---|---|\n{codes}")
    }

    fn complaints(text: &str) -> Vec<Complaint> {
        check(&Repository::of(&[(DOCUMENT, text)]))
    }

    #[test]
    fn a_whole_document_passes() {
        assert_eq!(complaints(&whole()), []);
    }

    #[test]
    fn a_frame_that_is_not_shown_and_one_that_does_not_exist_are_found() {
        assert_eq!(complaints(&whole().replace("\"join\"", "\"jion\"")).len(), 2);
    }

    #[test]
    fn an_error_that_is_not_described_misspelt_or_has_another_status_is_found() {
        assert_eq!(complaints(&whole().replace("`busy`", "`bussy`")).len(), 2);
        assert_eq!(
            complaints(&whole().replace("| `tooBig` | 413 |", "| `tooBig` | 400 |")).len(),
            1
        );
        assert_eq!(
            complaints(&format!("{{\"code\":\"gone\"}}\n{}", whole())).len(),
            1
        );
    }
}

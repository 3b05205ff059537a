//! What a source file names of its own crate: the paths in its `use` lines and in its code, without comments and tests.

/// A path as it is written, and whether it is only handed on (`pub use`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    /// The name it has here, where that is another.
    pub(super) name: String,
    pub(super) is_reexport: bool,
    pub(super) is_use: bool,
}

/// Every path that may lead to a module of the crate.
pub(super) fn paths(source: &str) -> Vec<Path> {
    let tokens = tokens(&without_tests(source));
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] == "use" {
            let end = at + tokens[at..].iter().take_while(|token| *token != ";").count();
            let is_reexport = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
            let mut tree = Tree {
                tokens: &tokens[at + 1..end],
                at: 0,
                is_reexport,
                found: Vec::new(),
            };
            tree.read(&mut Vec::new());
            paths.extend(tree.found);
            at = end;
        } else if is_name(&tokens[at]) && (at == 0 || tokens[at - 1] != "::") {
            let start = at;
            let mut segments = vec![tokens[at].clone()];
            while tokens.get(at + 1).is_some_and(|token| token == "::")
                && tokens.get(at + 2).is_some_and(|token| is_name(token))
            {
                segments.push(tokens[at + 2].clone());
                at += 2;
            }
            let is_visibility = start > 0 && tokens[start - 1] == "in";
            if segments.len() > 1 && !is_visibility {
                paths.push(Path {
                    name: segments.last().cloned().unwrap_or_default(),
                    segments,
                    is_reexport: false,
                    is_use: false,
                });
            }
        }
        at += 1;
    }
    paths
}

/// A `use` tree.
struct Tree<'a> {
    tokens: &'a [String],
    at: usize,
    is_reexport: bool,
    found: Vec<Path>,
}

impl Tree<'_> {
    fn read(&mut self, before: &mut Vec<String>) {
        let depth = before.len();
        while let Some(token) = self.tokens.get(self.at).cloned() {
            match &*token {
                "::" => self.at += 1,
                "{" => {
                    self.at += 1;
                    while self.tokens.get(self.at).is_some_and(|token| token != "}") {
                        self.read(before);
                        if self.tokens.get(self.at).is_some_and(|token| token == ",") {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    before.truncate(depth);
                    return;
                }
                "," | "}" => break,
                "as" => {
                    let name = self.tokens.get(self.at + 1).cloned().unwrap_or_default();
                    self.at += 2;
                    self.keep(before, name);
                    before.truncate(depth);
                    return;
                }
                _ => {
                    before.push(token);
                    self.at += 1;
                }
            }
        }
        let name = before.last().cloned().unwrap_or_default();
        self.keep(before, name);
        before.truncate(depth);
    }

    fn keep(&mut self, segments: &[String], name: String) {
        let segments = match segments {
            [rest @ .., last] if last == "self" && !rest.is_empty() => rest,
            all => all,
        };
        let name = if name == "self" {
            segments.last().cloned().unwrap_or_default()
        } else {
            name
        };
        self.found.push(Path {
            segments: segments.to_vec(),
            name,
            is_reexport: self.is_reexport,
            is_use: true,
        });
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The source up to its tests, which stand last.
fn without_tests(source: &str) -> String {
    let lines: Vec<&str> = source.lines().collect();
    let begins = |at: usize| {
        lines[at].trim() == "#[cfg(test)]"
            && lines
                .get(at + 1)
                .is_some_and(|next| next.trim().starts_with("mod ") && next.trim().ends_with('{'))
    };
    let end = (0..lines.len()).find(|at| begins(*at)).unwrap_or(lines.len());
    lines[..end].join("\n")
}

/// Names, `::` and single signs; comments, texts and attributes' texts are left out.
fn tokens(source: &str) -> Vec<String> {
    let letters: Vec<char> = source.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let (here, next) = (letters[at], letters.get(at + 1).copied().unwrap_or(' '));
        match here {
            '/' if next == '/' => at += letters[at..].iter().take_while(|c| **c != '\n').count(),
            '/' if next == '*' => {
                at += 2;
                while at < letters.len() && !(letters[at] == '*' && letters.get(at + 1) == Some(&'/')) {
                    at += 1;
                }
                at += 2;
            }
            'r' if next == '"' || (next == '#' && letters.get(at + 2) == Some(&'"')) => {
                at = after_raw_text(&letters, at + 1);
            }
            '"' => at = after_text(&letters, at + 1),
            '\'' if letters.get(at + 2) == Some(&'\'') && next != '\\' => at += 3,
            '\'' if next == '\\' => {
                at += 3;
                at += letters[at.min(letters.len())..]
                    .iter()
                    .take_while(|c| **c != '\'')
                    .count()
                    + 1;
            }
            ':' if next == ':' => {
                tokens.push(String::from("::"));
                at += 2;
            }
            c if c.is_alphanumeric() || c == '_' => {
                let name: String = letters[at..]
                    .iter()
                    .take_while(|c| c.is_alphanumeric() || **c == '_')
                    .collect();
                at += name.chars().count();
                tokens.push(name);
            }
            c if c.is_whitespace() => at += 1,
            c => {
                tokens.push(String::from(c));
                at += 1;
            }
        }
    }
    tokens
}

fn after_text(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() && letters[at] != '"' {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn after_raw_text(letters: &[char], mut at: usize) -> usize {
    let marks = letters[at..].iter().take_while(|c| **c == '#').count();
    at += marks + 1;
    while at < letters.len() {
        let closes = letters[at] == '"'
            && letters[at + 1..]
                .iter()
                .take(marks)
                .filter(|c| **c == '#')
                .count()
                == marks;
        at += 1;
        if closes {
            return at + marks;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let mut found: Vec<_> = paths(source)
            .into_iter()
            .map(|path| path.segments.join("::"))
            .collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn a_tree_of_uses_is_taken_apart() {
        assert_eq!(
            found("use crate::{a::{self, B as C}, d};\npub(crate) use self::e::F;"),
            ["crate::a", "crate::a::B", "crate::d", "self::e::F"]
        );
    }

    #[test]
    fn paths_in_code_count_and_those_in_comments_texts_and_tests_do_not() {
        let tests = ["#[cfg(test)]", "mod tests {", "    use crate::no;", "}"].join("\n");
        let code = "// crate::no\n/* crate::no */ fn a() { super::b::c(\"crate::no\", r#\"crate::\"no\"#, '\"'); }\n";
        assert_eq!(found(&(code.to_owned() + &tests)), ["super::b::c"]);
    }

    #[test]
    fn what_is_handed_on_is_told_from_what_is_used() {
        let paths = paths("pub use a::B;\nuse c::D;");
        assert!(paths[0].is_reexport && !paths[1].is_reexport);
    }
}

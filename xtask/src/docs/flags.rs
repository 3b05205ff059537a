//! Every flag and variable that a document names exists, and every one of the server's is documented.

use super::Complaint;
use super::markdown::{blocks, prose, spans};
use super::repository::Repository;

/// Where the server's flags are defined.
const CONFIGS: &[&str] = &[
    "server/src/config.rs",
    "server/src/cluster_flags.rs",
    "server/src/cluster_commands.rs",
];
/// Where they are documented.
const DOCUMENT: &str = "README.md";
const PREFIX: &str = "MADANG_";
/// Programs of ours: the flags in a command that runs one of these are checked.
const OURS: &[&str] = &["madang", "target/release/madang", "./madang", "cargo xtask"];

/// Checks all documents.
pub(crate) fn check(repository: &Repository) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let known = Known::of(repository);
    for (document, text) in repository.documents() {
        for (place, code) in code_in(text) {
            for what in known.complaints(code) {
                complaints.push(Complaint::new(format!("{document}{place}"), what));
            }
        }
    }
    complaints.extend(undocumented(repository));
    complaints
}

/// Code spans and lines of code blocks, each with its place if that is known.
fn code_in(text: &str) -> impl Iterator<Item = (String, &str)> {
    let in_prose =
        prose(text).flat_map(|(number, line)| spans(line).map(move |span| (format!(":{number}"), span)));
    let in_blocks = blocks(text)
        .into_iter()
        .flat_map(|block| block.lines)
        .map(|line| (String::new(), line.trim_start_matches("$ ")));
    in_prose.chain(in_blocks)
}

struct Known {
    /// Texts in which a flag or variable has to occur to exist.
    sources: String,
}

impl Known {
    fn of(repository: &Repository) -> Self {
        let defines = |path: &str| {
            CONFIGS.contains(&path)
                || path.starts_with("xtask/src/")
                || path.starts_with("bench/src/")
                || path == "torture/src/main.rs"
                || path == "simulate/src/main.rs"
                || path == "Cargo.toml"
        };
        let mut sources = String::new();
        for (_, text) in repository.texts(defines) {
            sources.push_str(text);
        }
        Self { sources }
    }

    fn complaints(&self, code: &str) -> Vec<String> {
        let mut complaints = Vec::new();
        let alone = code.starts_with("--");
        let ours = OURS.iter().any(|program| {
            let rest = code.strip_prefix(program);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        let words = code.split(|c: char| c.is_whitespace() || "=\"',;()[]".contains(c));
        for word in words {
            if let Some(flag) = word
                .strip_prefix("--")
                .filter(|flag| !flag.is_empty() && (alone || ours))
            {
                if !self.has_flag(flag) {
                    complaints.push(format!("there is no flag `--{flag}`"));
                }
            } else if word.starts_with(PREFIX) && !self.sources.contains(word) {
                complaints.push(format!("there is no variable `{word}`"));
            }
        }
        complaints
    }

    /// A flag exists as a field of a struct that clap reads (`data_dir:`) or as a text in xtask (`"--data-dir"`).
    fn has_flag(&self, flag: &str) -> bool {
        let field = format!(" {}: ", flag.replace('-', "_"));
        flag == "help" || self.sources.contains(&field) || self.sources.contains(&format!("\"--{flag}"))
    }
}

/// The server's variables that the README does not name.
fn undocumented(repository: &Repository) -> Vec<Complaint> {
    let Some(document) = repository.text(DOCUMENT) else {
        return Vec::new();
    };
    CONFIGS
        .iter()
        .filter_map(|path| repository.text(path))
        .flat_map(|config| config.split('"'))
        .filter(|text| text.starts_with(PREFIX) && text.len() > PREFIX.len())
        .filter(|variable| !document.contains(variable))
        .map(|variable| Complaint::new(DOCUMENT, format!("does not name `{variable}`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(readme: &str) -> usize {
        let config = "#[arg(long, env = \"MADANG_DATA_DIR\")]\n    pub data_dir: PathBuf,\n";
        let args = "Args::parse(words, &[\"--listen\"])";
        let files = [
            (CONFIGS[0], config),
            (DOCUMENT, readme),
            ("xtask/src/run.rs", args),
        ];
        check(&Repository::of(&files)).len()
    }

    #[test]
    fn flags_and_variables_that_exist_pass() {
        assert_eq!(
            complaints("`--data-dir`, `MADANG_DATA_DIR`, `cargo xtask run --listen x`"),
            0
        );
        assert_eq!(
            complaints("MADANG_DATA_DIR\n```sh\nmadang --data-dir=x\ncurl --fail x\n```"),
            0
        );
        assert_eq!(complaints("MADANG_DATA_DIR `cargo test --all-features`"), 0);
    }

    #[test]
    fn those_that_do_not_are_found() {
        assert_eq!(complaints("MADANG_DATA_DIR `--data-folder`"), 1);
        assert_eq!(
            complaints("MADANG_DATA_DIR\n```sh\nmadang --data-folder x\n```"),
            1
        );
        assert_eq!(
            complaints("MADANG_DATA_DIR `MADANG_DATA`: no, that is a part; `MADANG_FOLDER`"),
            1
        );
    }

    #[test]
    fn a_variable_of_the_server_that_nobody_documents_is_found() {
        assert_eq!(complaints("nothing"), 1);
    }
}

//! Reading a command's flags. A handful of flags does not pay for a parser that takes longer to build than all of
//! this.

use anyhow::{Context, Result, bail};

/// What stood after a command: flags with a value, and the words after `--`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    flags: Vec<(String, String)>,
    /// The words after `--`, as they are.
    pub(crate) rest: Vec<String>,
}

impl Args {
    /// Reads `--flag value` and `--flag=value` for the flags that are `known`, then whatever follows `--`.
    pub(crate) fn parse(words: &[String], known: &[&str]) -> Result<Self> {
        let mut args = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                args.rest = words.cloned().collect();
                break;
            }
            let (flag, inline) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            if !known.contains(&flag) {
                bail!("`{word}` is not known here; see `cargo xtask --help`");
            }
            let value = inline
                .or_else(|| words.next().cloned())
                .with_context(|| format!("`{flag}` wants a value after it"))?;
            args.flags.push((flag.to_owned(), value));
        }
        Ok(args)
    }

    /// The value of a flag; the last one when it was given more than once.
    pub(crate) fn get(&self, flag: &str) -> Option<&str> {
        let found = self.flags.iter().rev().find(|(name, _)| name == flag);
        found.map(|(_, value)| value.as_str())
    }
}

/// Takes a flag that has no value out of the words before `--`, and says whether it was there.
pub(crate) fn take_switch(words: &mut Vec<String>, switch: &str) -> bool {
    let before = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let found = words.iter().take(before).position(|word| word == switch);
    found.map(|at| words.remove(at)).is_some()
}

/// Whether the user only asks what a command does.
pub(crate) fn asks_for_help(words: &[String]) -> bool {
    words
        .iter()
        .take_while(|word| *word != "--")
        .any(|word| word == "--help" || word == "-h")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Args> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Args::parse(&words, &["--listen", "--data-dir"])
    }

    #[test]
    fn flags_are_read_in_both_spellings_and_the_rest_is_left_alone() {
        let args = parse(&["--listen", "[::1]:0", "--data-dir=x", "--", "--listen", "y"]).unwrap();
        assert_eq!(args.get("--listen"), Some("[::1]:0"));
        assert_eq!(args.get("--data-dir"), Some("x"));
        assert_eq!(args.rest, ["--listen", "y"]);
    }

    #[test]
    fn a_flag_without_a_value_is_taken_out_of_what_stands_before_the_rest() {
        let mut words = ["--port", "1", "--fresh", "--", "--fresh"]
            .map(str::to_owned)
            .to_vec();
        assert!(take_switch(&mut words, "--fresh"));
        assert!(!take_switch(&mut words, "--fresh"));
        assert_eq!(words, ["--port", "1", "--", "--fresh"]);
    }

    #[test]
    fn what_is_not_known_or_not_finished_is_refused() {
        assert!(parse(&["--lisen", "x"]).is_err());
        assert!(parse(&["--listen"]).is_err());
        assert!(parse(&["stray"]).is_err());
    }
}

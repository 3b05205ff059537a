//! `cargo xtask test`: everything that must hold before a change goes in, as named steps.

pub(crate) mod browser;
mod counts;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::prerequisites::{self, WASM_TARGET};
use crate::process::{self, command as new_command, run};
use crate::{args, docs, nats, release, simulate, size, torture};
use counts::Counts;

struct Step {
    name: &'static str,
    what: &'static str,
    /// The step whose result this one works on: when that failed, this one is skipped.
    needs: Option<&'static str>,
    run: fn(&mut Counts) -> Result<()>,
}

/// All steps, cheapest first, so that a slip is heard of early.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        what: "formatting",
        needs: None,
        run: |_| fmt(),
    },
    Step {
        name: "docs",
        what: "documents against the code, and the rules of the house",
        needs: None,
        run: |_| docs::command(&[]),
    },
    Step {
        name: "clippy",
        what: "lints, warnings as errors: natively, and for the browser with `hydrate` and with `csr`",
        needs: None,
        run: |_| clippy(),
    },
    Step {
        name: "nats",
        what: "a nats-server, which the tests of a cluster need",
        needs: None,
        run: |_| nats::ensure().map(|program| println!("{}", program.display())),
    },
    Step {
        name: "rust",
        what: "all Rust tests",
        needs: None,
        run: rust,
    },
    Step {
        name: "build",
        what: "the release build: server and page",
        needs: None,
        run: |_| release::ensure().map(|_| ()),
    },
    Step {
        name: "size",
        what: "the first load's bytes against their bound",
        needs: Some("build"),
        run: |_| size::command(&[]),
    },
    Step {
        name: "simulate",
        what: "10,000 seeds of a cluster in virtual time",
        needs: None,
        run: |_| simulate::short(),
    },
    Step {
        name: "torture",
        what: "a short run of the proof of delivery; its seed is printed",
        needs: Some("build"),
        run: |_| torture::short(),
    },
    Step {
        name: "cluster",
        what: "the same of three nodes on three NATS servers",
        needs: Some("build"),
        run: |_| torture::short_cluster(),
    },
    Step {
        name: "browser",
        what: "the release build in a real browser",
        needs: Some("build"),
        run: browser::run,
    },
    Step {
        name: "engines",
        what: "the release build in Firefox and WebKit",
        needs: Some("build"),
        run: browser::engines,
    },
    Step {
        name: "proxies",
        what: "the release build behind nginx, HAProxy, Caddy and Apache, in a real browser",
        needs: Some("build"),
        run: browser::proxies,
    },
    Step {
        name: "trunk",
        what: "the page built by Trunk, in a real browser",
        needs: Some("build"),
        run: browser::trunk,
    },
];

/// Steps that run only when they are named.
const ON_DEMAND: &[Step] = &[
    // Installing cargo-leptos takes a fifth of the time that all of CI may.
    Step {
        name: "watch",
        what: "`cargo leptos watch`: an edited component and an edited style, seen in a real browser",
        needs: None,
        run: browser::watch,
    },
];

/// The crates that are built natively: all but the one that exists only in the browser. The page is among them, as
/// the server renders it.
const NATIVE: &[&str] = &["--workspace", "--exclude=frontend", "--features=app/ssr"];

struct Outcome {
    name: &'static str,
    result: Result<()>,
    took: Duration,
}

/// Runs the named steps, all of them without a name, and ends with a summary.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print_help();
        return Ok(());
    }
    let steps = chosen(words)?;
    let started = Instant::now();
    let mut counts = Counts::default();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for step in steps {
        println!("\n──── {}: {} ────", step.name, step.what);
        let began = Instant::now();
        let result = match step.needs.filter(|needed| has_failed(&outcomes, needed)) {
            Some(needed) => Err(anyhow::anyhow!("skipped, for `{needed}` failed")),
            None => (step.run)(&mut counts),
        };
        let took = began.elapsed();
        match &result {
            Ok(()) => println!("{}: ok, {}", step.name, process::duration(took)),
            Err(error) => println!("{}: FAILED, {}\n{error:#}", step.name, process::duration(took)),
        }
        outcomes.push(Outcome {
            name: step.name,
            result,
            took,
        });
    }
    summarize(&outcomes, counts, started.elapsed())
}

fn print_help() {
    println!("cargo xtask test [STEPS…]\n\nAll steps, or only those named, in the order given:\n");
    for step in STEPS {
        println!("  {:<8} {}", step.name, step.what);
    }
    println!("\nOnly when named:\n");
    for step in ON_DEMAND {
        println!("  {:<8} {}", step.name, step.what);
    }
    println!(
        "\nWithout tools and target folder this takes some 30 minutes on two cores, afterwards less. As root on\n\
         Debian `browser` installs chromium and fonts with Korean and emoji; elsewhere Playwright downloads its own\n\
         browser. CHROMIUM_PATH names another one. `engines` installs firefox-esr, webkit2gtk-driver and xvfb on\n\
         Debian, `proxies` installs nginx, haproxy, caddy and apache2 and starts no service; they are left out where\n\
         they cannot be installed, but not when CI is set."
    );
}

fn chosen(words: &[String]) -> Result<Vec<&'static Step>> {
    if words.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let mut steps = Vec::new();
    for word in words {
        match STEPS.iter().chain(ON_DEMAND).find(|step| step.name == word) {
            Some(step) => steps.push(step),
            None => bail!("there is no step `{word}`; `cargo xtask test --help` lists those there are"),
        }
    }
    Ok(steps)
}

fn has_failed(outcomes: &[Outcome], name: &str) -> bool {
    outcomes
        .iter()
        .any(|outcome| outcome.name == name && outcome.result.is_err())
}

fn summarize(outcomes: &[Outcome], counts: Counts, took: Duration) -> Result<()> {
    println!("\n──── summary ────");
    for outcome in outcomes {
        let verdict = match &outcome.result {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("FAILED: {error}"),
        };
        println!(
            "{:<8} {:>12}  {verdict}",
            outcome.name,
            process::duration(outcome.took)
        );
    }
    let failed: Vec<&str> = outcomes
        .iter()
        .filter(|outcome| outcome.result.is_err())
        .map(|outcome| outcome.name)
        .collect();
    println!(
        "\ntest result: {}. {counts}; {} of {} steps passed; finished in {}",
        if failed.is_empty() { "ok" } else { "FAILED" },
        outcomes.len() - failed.len(),
        outcomes.len(),
        process::duration(took)
    );
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn fmt() -> Result<()> {
    prerequisites::ensure_component("rustfmt", "fmt")?;
    run(new_command("cargo").args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    prerequisites::ensure()?;
    prerequisites::ensure_component("clippy", "clippy")?;
    let strict = ["--", "--deny=warnings"];
    run(new_command("cargo")
        .args(["clippy", "--all-targets"])
        .args(NATIVE)
        .args(strict))?;
    // `hydrate`, `csr` and `ssr` exclude one another, so each has a run of its own; never `--all-features`.
    for feature in ["hydrate", "csr"] {
        let target = format!("--target={WASM_TARGET}");
        let feature = format!("--features=frontend/{feature}");
        run(new_command("cargo")
            .args([
                "clippy",
                "--package=frontend",
                "--package=app",
                "--package=client",
                "--package=marks",
                "--package=markup",
            ])
            .args([target, feature])
            .args(strict))?;
    }
    Ok(())
}

fn rust(counts: &mut Counts) -> Result<()> {
    prerequisites::ensure()?;
    let mut tests = new_command("cargo");
    tests.args(["test", "--no-fail-fast"]).args(NATIVE);
    nats::name_to(&mut tests);
    process::run_with_lines(&mut tests, |line| counts.read_cargo_line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_does_not_exist_is_refused_and_none_means_all() {
        assert!(chosen(&["fmr".to_owned()]).is_err());
        assert_eq!(chosen(&[]).unwrap().len(), STEPS.len());
        let names: Vec<_> = chosen(&["clippy".to_owned(), "fmt".to_owned()])
            .unwrap()
            .iter()
            .map(|step| step.name)
            .collect();
        assert_eq!(names, ["clippy", "fmt"]);
    }

    #[test]
    fn every_need_stands_before_the_step_that_has_it() {
        for (index, step) in STEPS.iter().enumerate() {
            if let Some(needed) = step.needs {
                assert!(
                    STEPS.iter().take(index).any(|earlier| earlier.name == needed),
                    "{}",
                    step.name
                );
            }
        }
    }

    #[test]
    fn one_failed_step_fails_the_whole() {
        let outcome = |name, result| Outcome {
            name,
            result,
            took: Duration::ZERO,
        };
        let good = [outcome("fmt", Ok(()))];
        assert!(summarize(&good, Counts::default(), Duration::ZERO).is_ok());
        let bad = [
            outcome("fmt", Ok(())),
            outcome("rust", Err(anyhow::anyhow!("no"))),
        ];
        let error = summarize(&bad, Counts::default(), Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("rust"));
    }
}

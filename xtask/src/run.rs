//! `cargo xtask run`: from a fresh clone to an open chat.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::Pid;

use crate::args::{self, Args};
use crate::process::command as new_command;
use crate::{paths, release};

const HELP: &str = "\
cargo xtask run [--listen ADDR] [--data-dir DIR] [-- FLAGS…]

Installs what is missing, builds a release and starts the server with it. Ctrl-C ends it.

  --listen ADDR     address and port (default 127.0.0.1:8080; port 0 takes a free one)
  --data-dir DIR    where messages and the signing key are kept (default madang-data)
  -- FLAGS…         further flags of the server; see `target/release/madang --help`
";

/// Installs, builds, serves.
pub(crate) fn command(words: &[String]) -> Result<()> {
    if args::asks_for_help(words) {
        print!("{HELP}");
        return Ok(());
    }
    let args = Args::parse(words, &["--listen", "--data-dir"])?;
    let binary = release::ensure()?;

    let mut server = new_command(binary);
    // Paths the user gave are relative to where the user stands.
    server.current_dir(env::current_dir().context("the current folder is gone")?);
    server.arg("--site-dir").arg(paths::site_dir());
    if let Some(addr) = args.get("--listen") {
        server.args(["--listen", addr]);
    }
    match args.get("--data-dir") {
        Some(dir) => {
            server.args(["--data-dir", dir]);
        }
        None if env::var_os("MADANG_DATA_DIR").is_none() => {
            server.arg("--data-dir").arg(paths::root().join("madang-data"));
        }
        None => {}
    }
    server.args(&args.rest);

    let signals = hold_signals()?;
    // A group of its own: what the terminal sends at Ctrl-C comes here only and reaches the server once.
    let mut child = server
        .process_group(0)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", server.get_program().to_string_lossy()))?;
    pass_signals_on(signals, &child)?;
    let stderr = child.stderr.take().context("the server's log cannot be read")?;
    follow_log(stderr);
    end_with(&mut child)
}

/// Keeps the signals that mean "end" from ending this process; they wait to be asked for.
fn hold_signals() -> Result<SigSet> {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        signals.add(signal);
    }
    signals.thread_block().context("cannot hold signals back")?;
    Ok(signals)
}

/// Hands each signal to the server: the first as it is, so that it shuts down in order, a second as one it cannot
/// refuse.
fn pass_signals_on(signals: SigSet, child: &Child) -> Result<()> {
    let server = Pid::from_raw(i32::try_from(child.id()).context("the server's id is out of range")?);
    thread::spawn(move || {
        let mut already = false;
        while let Ok(signal) = signals.wait() {
            let signal = if already { Signal::SIGKILL } else { signal };
            let _ = kill(server, signal);
            already = true;
        }
    });
    Ok(())
}

/// Copies the server's log and says plainly where it listens, once.
fn follow_log(log: impl Read) {
    let mut announced = false;
    for line in BufReader::new(log).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        eprintln!("{line}");
        if let Some(address) = address_in(&line).filter(|_| !announced) {
            announced = true;
            println!("\n  Madang is open:  {address}\n  Ctrl-C ends it.\n");
        }
    }
}

/// The `http://…` or `https://…` in a line of log.
fn address_in(line: &str) -> Option<&str> {
    let start = line.find("http://").or_else(|| line.find("https://"))?;
    let address = line.get(start..)?;
    let end = address.find(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '\u{1b}'));
    address.get(..end.unwrap_or(address.len()))
}

fn end_with(child: &mut Child) -> Result<()> {
    let status = child.wait().context("waiting for the server")?;
    if !status.success() {
        bail!("the server ended with {status}; its last lines above say why");
    }
    println!("Madang has ended.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_wherever_it_stands_in_the_line() {
        let plain = "2026-01-01T00:00:00Z INFO listening on http://127.0.0.1:8080";
        assert_eq!(address_in(plain), Some("http://127.0.0.1:8080"));
        assert_eq!(
            address_in("addr=\"http://[::1]:41\" pid=1"),
            Some("http://[::1]:41")
        );
        assert_eq!(address_in("nothing to see"), None);
    }
}

//! `cargo xtask run`: from a fresh clone to an open chat.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

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
    server.arg("--site-dir").arg(paths::site_dir()?);
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

    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for signals")?;
    // A group of its own: what the terminal sends at Ctrl-C comes here only and reaches the server once.
    let mut child = server
        .process_group(0)
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", server.get_program().to_string_lossy()))?;
    pass_on(signals, &child)?;
    let stderr = child.stderr.take().context("the server's log cannot be read")?;
    follow_log(stderr);
    end_with(&mut child)
}

/// Asks the server to shut down at the first signal and ends it at a later one. A supervisor may send the first one
/// twice, to this process and to its group; that counts once.
fn pass_on(mut signals: Signals, child: &Child) -> Result<()> {
    const SAME_SIGNAL: Duration = Duration::from_secs(1);
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let server = id.context("the server's id is out of range")?;
    thread::spawn(move || {
        let mut first: Option<Instant> = None;
        for _ in signals.forever() {
            match first {
                None => {
                    first = Some(Instant::now());
                    let _ = kill_process(server, Signal::TERM);
                }
                Some(first) if first.elapsed() > SAME_SIGNAL => {
                    let _ = kill_process(server, Signal::KILL);
                }
                Some(_) => {}
            }
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
            // "Every address" is none that a browser could open.
            let here = address
                .replace("//0.0.0.0:", "//127.0.0.1:")
                .replace("//[::]:", "//[::1]:");
            println!("\n  Madang is open:  {here}");
            if here != address {
                println!("  Others in your network: the same with this machine's IP address.");
            }
            println!("  Ctrl-C ends it.\n");
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

//! The flags of `madang`, each also an environment variable.

use std::env;
use std::ffi::OsStr;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use protocol::limits::POSTS_PER_WINDOW_DEFAULT;
use tracing_subscriber::filter::Targets;

use crate::cluster_commands::Command;
use crate::cluster_flags::NodeFlags;
use crate::telemetry;

/// A self-hosted real-time chat.
///
/// Start it, open the address it prints, and chat. Everything it must not lose is in its data folder: to back it up,
/// stop madang and copy that folder.
#[derive(Clone, Debug, Parser)]
#[command(name = "madang", version, about, long_about, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Config {
    /// Address and port to listen on; port 0 takes any free one. The first line logged says which.
    ///
    /// Without it, `LEPTOS_SITE_ADDR` is used (cargo-leptos sets it), else 127.0.0.1:8080: only this machine can
    /// connect. Use 0.0.0.0:8080 to be reached from others.
    #[arg(long, env = "MADANG_LISTEN", value_name = "ADDR:PORT", value_parser = address)]
    pub listen: Option<SocketAddr>,

    /// Folder that holds the messages and the key that signs identities. Made if it is not there.
    #[arg(
        long,
        env = "MADANG_DATA_DIR",
        value_name = "DIR",
        default_value = "madang-data"
    )]
    pub data_dir: PathBuf,

    /// Make a new signing key where there are messages and none to be found. Everybody is somebody new then: the key is what
    /// their cookies are known by. Without this madang does not start there.
    #[arg(long)]
    pub new_signing_key: bool,

    /// Folder that holds what the page loads. Default: `site` beside the executable.
    #[arg(long, env = "MADANG_SITE_DIR", value_name = "DIR")]
    pub site_dir: Option<PathBuf>,

    /// A host name this server answers to, beside IP addresses and `localhost`: each by itself, without wildcards. May be given several times, or
    /// several separated by commas.
    #[arg(
        long,
        env = "MADANG_ALLOWED_HOSTS",
        value_name = "HOST",
        value_delimiter = ','
    )]
    pub allowed_host: Vec<String>,

    /// An origin whose pages may connect and post, beside the server's own: `https://chat.example.org`. May be given
    /// several times, or several separated by commas.
    #[arg(
        long,
        env = "MADANG_ALLOWED_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ','
    )]
    pub allowed_origin: Vec<String>,

    /// Where people reach this server, when that is not what a proxy passes on: `https://chat.example.org`, with a port if
    /// it has one. Its host is answered to, and its pages may connect and post.
    #[arg(long, env = "MADANG_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Messages one person may post in 10 seconds; 0 means no limit.
    #[arg(long, env = "MADANG_POST_RATE", value_name = "N", default_value_t = POSTS_PER_WINDOW_DEFAULT)]
    pub post_rate: u32,

    /// Seconds to drain the connections after SIGTERM or Ctrl-C.
    #[arg(long, env = "MADANG_DRAIN_SECONDS", value_name = "SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u64).range(0..=300))]
    pub drain_seconds: u64,

    /// What is logged to stderr: `error`, `warn`, `info`, `debug`, `trace`, or by target: `info,server=debug`.
    ///
    /// What keeps madang from starting is said whatever this is.
    #[arg(long, env = "MADANG_LOG", value_name = "FILTER", default_value = "info", value_parser = telemetry::parse_filter)]
    pub log: Targets,

    #[command(flatten)]
    pub node: NodeFlags,

    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  madang                                    chat on this machine, at http://127.0.0.1:8080
  madang --listen 0.0.0.0:8080              chat with everyone in the local network
  madang --allowed-host chat.example.org    behind a proxy that serves that name
  madang --nats nats://10.0.0.1:4222        as one of several nodes";

impl Config {
    /// Reads the flags and the environment; where they make no sense, that is said and the process ends. A variable that is
    /// set and empty is as one that is not set.
    #[must_use]
    pub fn read() -> Self {
        let command = without_empty_variables(Self::command());
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }

    /// The address to listen on.
    ///
    /// # Errors
    /// When cargo-leptos' variable is set and is not an address.
    pub fn listen(&self) -> anyhow::Result<SocketAddr> {
        if let Some(listen) = self.listen {
            return Ok(listen);
        }
        match env::var("LEPTOS_SITE_ADDR") {
            Ok(text) if !text.is_empty() => {
                address(&text).map_err(|error| anyhow::anyhow!("LEPTOS_SITE_ADDR is {text:?}: {error}"))
            }
            _ => Ok(SocketAddr::from(([127, 0, 0, 1], 8080))),
        }
    }
}

fn without_empty_variables(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        let is_empty = argument.get_env().is_some_and(is_empty);
        if is_empty {
            argument.env(None::<&'static str>)
        } else {
            argument
        }
    });
    command.mut_subcommands(without_empty_variables)
}

fn is_empty(name: &OsStr) -> bool {
    env::var_os(name).is_some_and(|value| value.is_empty())
}

/// An address to listen on: of numbers, or a name of this machine, of whose addresses one of IPv4 is preferred.
fn address(text: &str) -> Result<SocketAddr, String> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let like =
        "write it like 127.0.0.1:8080, for this machine alone, or 0.0.0.0:8080, to be reached from others";
    let Some((host, port)) = text.rsplit_once(':') else {
        return Err(format!("an address and a port are needed; {like}"));
    };
    if host.is_empty() || host == "*" {
        return Err(format!("the address before the port is missing; {like}"));
    }
    let port: u16 = port
        .parse()
        .map_err(|_| format!("{port:?} is not a port, which is a number up to 65535; {like}"))?;
    let addresses: Vec<SocketAddr> = (host, port)
        .to_socket_addrs()
        .map_err(|error| format!("{host:?} is not a name of this machine ({error}); {like}"))?
        .collect();
    let of_ipv4 = addresses.iter().find(|address| address.is_ipv4());
    of_ipv4
        .or(addresses.first())
        .copied()
        .ok_or_else(|| format!("{host:?} has no address; {like}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_name_of_this_machine() {
        assert_eq!(address("127.0.0.1:1").unwrap().to_string(), "127.0.0.1:1");
        assert_eq!(address("[::1]:8080").unwrap().to_string(), "[::1]:8080");
        let localhost = address("localhost:8080").unwrap();
        assert!(localhost.ip().is_loopback() && localhost.port() == 8080);
    }

    #[test]
    fn what_is_no_address_is_refused_with_one_that_is() {
        for text in [
            "",
            "8080",
            ":8080",
            "*:8080",
            "localhost",
            "localhost:http",
            "127.0.0.1:99999",
            "no.such.invalid:1",
        ] {
            let refused = address(text).unwrap_err();
            assert!(refused.contains("127.0.0.1:8080"), "{text}: {refused}");
        }
    }
}

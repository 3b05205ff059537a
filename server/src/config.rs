//! The flags of `madang`, each also an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use protocol::limits::POSTS_PER_WINDOW_DEFAULT;

/// A self-hosted real-time chat.
///
/// Start it, open the address it prints, and chat. Everything it must not lose is in its data folder: to back it up,
/// stop madang and copy that folder.
#[derive(Clone, Debug, Parser)]
#[command(name = "madang", version, about, long_about, after_help = EXAMPLES)]
pub struct Config {
    /// Address and port to listen on; port 0 takes any free one. The first line logged says which.
    ///
    /// Without it, `LEPTOS_SITE_ADDR` is used (cargo-leptos sets it), else 127.0.0.1:8080: only this machine can
    /// connect. Use 0.0.0.0:8080 to be reached from others.
    #[arg(long, env = "MADANG_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,

    /// Folder that holds the messages and the key that signs identities. Made if it is not there.
    #[arg(
        long,
        env = "MADANG_DATA_DIR",
        value_name = "DIR",
        default_value = "madang-data"
    )]
    pub data_dir: PathBuf,

    /// Folder that holds what the page loads. Default: `site` beside the executable.
    #[arg(long, env = "MADANG_SITE_DIR", value_name = "DIR")]
    pub site_dir: Option<PathBuf>,

    /// A host name this server answers to, beside IP addresses and `localhost`. May be given several times, or
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
    #[arg(long, env = "MADANG_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
}

const EXAMPLES: &str = "\
Examples:
  madang                                    chat on this machine, at http://127.0.0.1:8080
  madang --listen 0.0.0.0:8080              chat with everyone in the local network
  madang --allowed-host chat.example.org    behind a proxy that serves that name";

impl Config {
    /// The address to listen on.
    ///
    /// # Errors
    /// When cargo-leptos' variable is set and is not an address.
    pub fn listen(&self) -> anyhow::Result<SocketAddr> {
        if let Some(listen) = self.listen {
            return Ok(listen);
        }
        match std::env::var("LEPTOS_SITE_ADDR") {
            Ok(text) => text.parse().map_err(|_| {
                anyhow::anyhow!("LEPTOS_SITE_ADDR is {text:?}, which is not an address like 127.0.0.1:8080")
            }),
            Err(_) => Ok(SocketAddr::from(([127, 0, 0, 1], 8080))),
        }
    }
}

//! The flags of a node: where its cluster is, and what the node is called.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::host_name;

/// The stream's name where none is given.
const STREAM_DEFAULT: &str = "MADANG";
/// Copies where no number is given: one server may be lost.
const REPLICAS_DEFAULT: usize = 3;
/// Characters of a node's name.
const NODE_NAME_CHARS_MAX: usize = 64;

/// Where a cluster is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Several nodes (see docs/cluster.md)")]
pub struct NatsFlags {
    /// Run as one of several nodes on a NATS JetStream log: `nats://host:4222`, or `tls://host:4222`. Name all the NATS servers,
    /// several times or separated by commas; any of them leads to the others. Without this, madang needs nothing but its folder.
    #[arg(long, env = "MADANG_NATS", value_name = "URL", value_delimiter = ',')]
    pub nats: Vec<String>,

    /// A credentials file of NATS, with what this node is let in by.
    #[arg(long, env = "MADANG_NATS_CREDENTIALS", value_name = "FILE")]
    pub nats_credentials: Option<PathBuf>,

    /// The certificate, in PEM, of the authority that signed those of the NATS servers; beside those the system trusts.
    #[arg(long, env = "MADANG_NATS_TLS_CA", value_name = "FILE")]
    pub nats_tls_ca: Option<PathBuf>,

    /// This node's certificate for the NATS servers, in PEM. Goes with --nats-tls-key.
    #[arg(long, env = "MADANG_NATS_TLS_CERT", value_name = "FILE")]
    pub nats_tls_cert: Option<PathBuf>,

    /// The key of that certificate, in PEM.
    #[arg(long, env = "MADANG_NATS_TLS_KEY", value_name = "FILE")]
    pub nats_tls_key: Option<PathBuf>,

    /// The stream that is the log, made if it is not there; the cluster's buckets are named after it. Clusters that share NATS
    /// need a name each. Default: MADANG.
    #[arg(long, env = "MADANG_NATS_STREAM", value_name = "NAME")]
    pub nats_stream: Option<String>,

    /// Copies that NATS keeps of everything: 1, 3 or 5. With 3, one NATS server may be lost and writing goes on. Default: 3.
    #[arg(long, env = "MADANG_NATS_REPLICAS", value_name = "N")]
    pub nats_replicas: Option<usize>,

    /// Monitoring addresses of the NATS servers: `http://host:8222`. They are asked whether each message is on the disk before
    /// it is acknowledged (`sync_interval: always`); without this, madang can only warn that it does not know.
    #[arg(long, env = "MADANG_NATS_MONITOR", value_name = "URL", value_delimiter = ',')]
    pub nats_monitor: Vec<String>,
}

/// What a node is, beside where its cluster is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Several nodes (see docs/cluster.md)")]
pub struct NodeFlags {
    #[command(flatten)]
    pub nats: NatsFlags,

    /// What this node is called in logs, its own and the others'. Default: the name of its host.
    #[arg(long, env = "MADANG_NODE_NAME", value_name = "NAME")]
    pub node_name: Option<String>,

    /// Throw away what this node has of the cluster's log, and build it anew from a snapshot of another node's. For a node that
    /// says that it differs. Its folder must belong to this cluster.
    #[arg(long)]
    pub rebuild: bool,
}

impl NodeFlags {
    /// What a node is started with; `None` where no cluster is named.
    ///
    /// # Errors
    /// What makes no sense, in a sentence that says what to do.
    pub fn config(&self) -> anyhow::Result<Option<cluster::Config>> {
        let is_named = self.node_name.is_some();
        let alone = self.nats.first_given().or(is_named.then_some("--node-name"));
        let alone = alone.or(self.rebuild.then_some("--rebuild"));
        if self.nats.servers().is_empty() {
            // What was to be a node must not start as a chat of its own.
            anyhow::ensure!(
                alone.is_none(),
                "{} is for a node of a cluster, and no cluster is named: give --nats, or leave it out",
                alone.unwrap_or_default()
            );
            return Ok(None);
        }
        let name = match &self.node_name {
            Some(name) => node_name(name)?,
            None => host_name::host_name(),
        };
        Ok(Some(cluster::Config {
            name,
            rebuild: self.rebuild,
            ..self.nats.config()?
        }))
    }
}

impl NatsFlags {
    /// What is needed to reach a cluster.
    ///
    /// # Errors
    /// What makes no sense, in a sentence that says what to do.
    pub fn config(&self) -> anyhow::Result<cluster::Config> {
        let servers = self.servers();
        anyhow::ensure!(
            !servers.is_empty(),
            "no NATS server is named: give --nats nats://host:4222"
        );
        for server in &servers {
            nats_url(server)?;
        }
        let monitors = trimmed(&self.nats_monitor);
        for monitor in &monitors {
            monitor_url(monitor)?;
        }
        let stream = self.nats_stream.as_deref().unwrap_or(STREAM_DEFAULT);
        anyhow::ensure!(
            cluster::Names::of(stream).is_some(),
            "{}; --nats-stream takes another",
            cluster::Error::StreamName(stream.to_owned())
        );
        let replicas = self.nats_replicas.unwrap_or(REPLICAS_DEFAULT);
        anyhow::ensure!(
            matches!(replicas, 1 | 3 | 5),
            "--nats-replicas is {replicas}: NATS decides by majority, so it is 1, 3 or 5, and no more than there are NATS servers"
        );
        let tls_certificate = match (&self.nats_tls_cert, &self.nats_tls_key) {
            (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
            (None, None) => None,
            (Some(_), None) => {
                anyhow::bail!("--nats-tls-cert needs its key as well: give --nats-tls-key, or neither")
            }
            (None, Some(_)) => {
                anyhow::bail!(
                    "--nats-tls-key needs its certificate as well: give --nats-tls-cert, or neither"
                )
            }
        };
        for (flag, file) in self.files() {
            readable(flag, file)?;
        }
        Ok(cluster::Config {
            servers,
            credentials: self.nats_credentials.clone(),
            tls_ca: self.nats_tls_ca.clone(),
            tls_certificate,
            stream: stream.to_owned(),
            replicas,
            monitors,
            name: host_name::host_name(),
            rebuild: false,
        })
    }

    fn servers(&self) -> Vec<String> {
        trimmed(&self.nats)
    }

    fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        [
            ("--nats-credentials", &self.nats_credentials),
            ("--nats-tls-ca", &self.nats_tls_ca),
            ("--nats-tls-cert", &self.nats_tls_cert),
            ("--nats-tls-key", &self.nats_tls_key),
        ]
        .into_iter()
        .filter_map(|(flag, file)| Some((flag, file.as_deref()?)))
    }

    /// The first of these flags that is given, beside the one that names the cluster.
    fn first_given(&self) -> Option<&'static str> {
        let others = [
            ("--nats-stream", self.nats_stream.is_some()),
            ("--nats-replicas", self.nats_replicas.is_some()),
            ("--nats-monitor", !trimmed(&self.nats_monitor).is_empty()),
        ];
        let other = others.into_iter().find(|(_, is_given)| *is_given);
        self.files()
            .map(|(flag, _)| flag)
            .next()
            .or(other.map(|(flag, _)| flag))
    }
}

/// What is given, without what a comma too many leaves empty.
fn trimmed(given: &[String]) -> Vec<String> {
    let given = given.iter().map(|text| text.trim().to_owned());
    given.filter(|text| !text.is_empty()).collect()
}

fn nats_url(text: &str) -> anyhow::Result<()> {
    let rest = text.strip_prefix("nats://").or(text.strip_prefix("tls://"));
    // What comes before an `@` is a secret and is not repeated.
    let shown = text.rsplit('@').next().unwrap_or_default();
    anyhow::ensure!(
        rest.is_some_and(is_authority),
        "{shown:?} is not the address of a NATS server: write it like nats://10.0.0.1:4222, or tls://10.0.0.1:4222 where NATS asks for \
         TLS"
    );
    Ok(())
}

fn monitor_url(text: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        text.strip_prefix("http://")
            .is_some_and(|rest| is_authority(rest.trim_end_matches('/'))),
        "{text:?} is not the monitoring address of a NATS server: write it like http://10.0.0.1:8222"
    );
    Ok(())
}

/// Whether this is a host, with a port if it has one, and nothing behind it.
fn is_authority(text: &str) -> bool {
    let host = text.rsplit('@').next().unwrap_or_default();
    let is_plain = |character: char| !character.is_whitespace() && !matches!(character, '/' | '?' | '#');
    let has_port = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.ends_with(']'))
        .is_none_or(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    !host.is_empty() && host.chars().all(is_plain) && has_port
}

fn node_name(name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    let is_fine = (1..=NODE_NAME_CHARS_MAX).contains(&name.chars().count())
        && !name.chars().any(|character| character.is_control());
    anyhow::ensure!(
        is_fine,
        "{name:?} cannot name a node: use 1 to {NODE_NAME_CHARS_MAX} characters on one line"
    );
    Ok(name.to_owned())
}

fn readable(flag: &str, file: &Path) -> anyhow::Result<()> {
    match std::fs::File::open(file).and_then(|opened| opened.metadata()) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(_) => anyhow::bail!("{flag} is {}, which is no file", file.display()),
        Err(error) => anyhow::bail!("{flag} is {}, which cannot be read: {error}", file.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(servers: &[&str]) -> NodeFlags {
        NodeFlags {
            nats: NatsFlags {
                nats: servers.iter().map(|&server| server.to_owned()).collect(),
                ..NatsFlags::default()
            },
            ..NodeFlags::default()
        }
    }

    fn refusal(flags: &NodeFlags) -> String {
        flags.config().unwrap_err().to_string()
    }

    #[test]
    fn without_a_cluster_there_is_no_node_and_no_flag_of_one() {
        assert!(of(&[]).config().unwrap().is_none());
        assert!(of(&[" "]).config().unwrap().is_none());
        for (flag, change) in [
            (
                "--rebuild",
                (|flags: &mut NodeFlags| flags.rebuild = true) as fn(&mut NodeFlags),
            ),
            ("--node-name", |flags| flags.node_name = Some("a".to_owned())),
            ("--nats-stream", |flags| {
                flags.nats.nats_stream = Some("CHAT".to_owned());
            }),
            ("--nats-replicas", |flags| flags.nats.nats_replicas = Some(3)),
            ("--nats-monitor", |flags| {
                flags.nats.nats_monitor = vec!["http://a:8222".to_owned()];
            }),
            ("--nats-tls-ca", |flags| {
                flags.nats.nats_tls_ca = Some("ca.pem".into());
            }),
        ] {
            let mut flags = of(&[]);
            change(&mut flags);
            let refused = refusal(&flags);
            assert!(
                refused.starts_with(flag) && refused.contains("give --nats"),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_cluster_is_its_servers_and_the_rest_has_defaults() {
        let config = of(&["nats://a:4222", " tls://[::1]:4222", "nats://me:pass@b", ""])
            .config()
            .unwrap()
            .unwrap();
        assert_eq!(
            config.servers,
            ["nats://a:4222", "tls://[::1]:4222", "nats://me:pass@b"]
        );
        assert_eq!((config.stream.as_str(), config.replicas), ("MADANG", 3));
        assert!(!config.name.is_empty() && !config.rebuild);
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_its_secret() {
        for text in [
            "a:4222",
            "http://a:4222",
            "nats://",
            "nats://a:port",
            "nats://a/b",
            "nats://:4222",
            "nats://me:pass@ b",
        ] {
            let refused = refusal(&of(&[text]));
            assert!(
                refused.contains("nats://10.0.0.1:4222") && !refused.contains("pass"),
                "{refused}"
            );
        }
        let mut flags = of(&["nats://a"]);
        flags.nats.nats_monitor = vec!["a:8222".to_owned()];
        assert!(refusal(&flags).contains("http://10.0.0.1:8222"));
    }

    #[test]
    fn what_no_cluster_can_have_is_refused() {
        let refusals = [
            (
                "1, 3 or 5",
                (|flags: &mut NodeFlags| flags.nats.nats_replicas = Some(2)) as fn(&mut NodeFlags),
            ),
            ("cannot name a stream", |flags| {
                flags.nats.nats_stream = Some("a.b".to_owned())
            }),
            ("cannot name a node", |flags| {
                flags.node_name = Some(String::new())
            }),
            ("--nats-tls-key", |flags| {
                flags.nats.nats_tls_cert = Some("cert.pem".into())
            }),
            ("--nats-tls-cert", |flags| {
                flags.nats.nats_tls_key = Some("key.pem".into())
            }),
            ("cannot be read", |flags| {
                flags.nats.nats_credentials = Some("/no/such/file".into())
            }),
            ("is no file", |flags| flags.nats.nats_tls_ca = Some("/".into())),
        ];
        for (part, change) in refusals {
            let mut flags = of(&["nats://a"]);
            change(&mut flags);
            let refused = refusal(&flags);
            assert!(refused.contains(part), "{part:?} in {refused:?}");
        }
    }
}

//! How a node finds its cluster.

use std::path::PathBuf;

/// What the flags say.
#[derive(Clone, Debug)]
pub struct Config {
    /// NATS servers: `nats://host:port` or `tls://host:port`, one at least.
    pub servers: Vec<String>,
    /// A NATS credentials file.
    pub credentials: Option<PathBuf>,
    /// A certificate authority's certificate to trust, in PEM.
    pub tls_ca: Option<PathBuf>,
    /// This node's certificate and key for NATS, in PEM.
    pub tls_certificate: Option<(PathBuf, PathBuf)>,
    /// The stream's name; what else the cluster has in NATS is named after it.
    pub stream: String,
    /// Copies that NATS keeps of everything: 1, 3 or 5.
    pub replicas: usize,
    /// Monitoring addresses of the NATS servers: `http://host:8222`. Empty where they cannot be reached.
    pub monitors: Vec<String>,
    /// What this node is called in logs; its host's name by default.
    pub name: String,
    /// Whether what this node has applied is thrown away and built anew from the cluster.
    pub rebuild: bool,
}

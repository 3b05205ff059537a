//! What this machine is called.

/// Its host name (uname(2)).
pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

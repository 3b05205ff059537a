//! A server that is one of several nodes: how it joins its cluster, and what it serves while it is how it is.

use std::sync::Arc;

use axum::Router;
use chat::{Chat, DataFolder};
use cluster::{Config, Node, Status, Stopped};
use tokio::sync::watch;

use crate::gate::Gate;
use crate::shutdown::Shutdown;

/// Joins the cluster; who looks after the server sees at the gate how far it is. Does not return where somebody has to look first:
/// whatever would start it again would only end up there again.
///
/// # Errors
/// What keeps the node from joining.
pub(crate) async fn join(
    config: Config,
    folder: DataFolder,
    gate: &Gate,
) -> Result<(Arc<Chat>, Node), cluster::Error> {
    let progress = {
        let gate = gate.clone();
        move |words: String| {
            gate.close(joining(&words));
        }
    };
    let joined = Node::start(config, folder, progress).await;
    if let Err(cluster::Error::Stopped(why)) = &joined
        && !why.is_cured_by_restart()
    {
        tracing::error!("{why}");
        gate.stop(stopped(why));
        std::future::pending::<()>().await;
    }
    joined
}

/// Opens and closes the gate as the node is, until the process should end.
///
/// # Errors
/// Always: why it should end.
pub(crate) async fn follow(
    mut status: watch::Receiver<Status>,
    gate: &Gate,
    shutdown: &Shutdown,
    router: impl Fn() -> Router,
) -> anyhow::Result<()> {
    loop {
        let now = status.borrow_and_update().clone();
        let was_open = match &now {
            // What is here can be read, whether anything can be said or not.
            Status::Ready | Status::Apart => {
                shutdown.begin_sessions();
                gate.open(&router);
                false
            }
            Status::Joining(words) => gate.close(joining(words)),
            Status::Stopped(why) => gate.stop(stopped(why)),
        };
        if was_open {
            // Its clients go to other nodes, if they are told to come back.
            shutdown.end_sessions();
        }
        if let Status::Stopped(why) = now {
            anyhow::ensure!(!why.is_cured_by_restart(), "{why}");
        }
        anyhow::ensure!(
            status.changed().await.is_ok(),
            "the part of madang that keeps this node in its cluster has ended; see the log above, and start it again"
        );
    }
}

fn joining(words: &str) -> String {
    format!("joining: {words}")
}

fn stopped(why: &Stopped) -> String {
    format!("stopped: {why}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, Method, StatusCode};
    use tokio::task::yield_now;

    use super::*;

    /// Waits until whoever looks after the server reads something that begins so; `None` for an open gate.
    async fn until_readyz(gate: &Gate, expected: Option<&str>) {
        loop {
            let read = match gate.closed_answer(&Method::GET, "/readyz", &HeaderMap::new()) {
                Some(response) => {
                    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
                    let bytes = axum::body::to_bytes(response.into_body(), 64 * 1024)
                        .await
                        .unwrap();
                    Some(String::from_utf8(bytes.to_vec()).unwrap())
                }
                None => None,
            };
            match (&read, expected) {
                (Some(read), Some(expected)) if read.starts_with(expected) => return,
                (None, None) => return,
                _ => yield_now().await,
            }
        }
    }

    #[tokio::test]
    async fn a_node_serves_while_it_is_ready_or_apart_and_its_sessions_end_when_it_stops() {
        let (sender, status) = watch::channel(Status::Joining("reading the log, 42%".to_owned()));
        let (gate, shutdown) = (Gate::new(), Shutdown::new(Duration::ZERO));
        let follow = follow(status, &gate, &shutdown, Router::new);
        let story = async {
            until_readyz(&gate, Some("joining: reading the log, 42%\n")).await;
            sender.send_replace(Status::Ready);
            until_readyz(&gate, None).await;
            let session = shutdown.sessions();
            sender.send_replace(Status::Apart);
            yield_now().await;
            until_readyz(&gate, None).await;
            assert!(!session.is_cancelled());
            sender.send_replace(Status::Stopped(Stopped::Differs { position: 7 }));
            until_readyz(&gate, Some("stopped: this node has other history")).await;
            session.cancelled().await;
            sender.send_replace(Status::Ready);
            until_readyz(&gate, None).await;
            assert!(session.is_cancelled() && !shutdown.sessions().is_cancelled());
            sender.send_replace(Status::Stopped(Stopped::LeftBehind {
                position: 7,
                first: 9,
            }));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = follow => assert!(ended.unwrap_err().to_string().contains("Start it again")),
            () = story => {}
        }
    }
}

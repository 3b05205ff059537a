//! Where there is no SIGTERM, Ctrl-C has to do.

pub(super) async fn requested() {
    std::future::pending::<()>().await;
}

//! What stands between a node and its NATS server.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Passes on what either side says, but for the server's on connections that have been made deaf.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    /// Connections before this one are deaf.
    deaf_before: Arc<watch::Sender<u64>>,
    made: Arc<watch::Sender<u64>>,
}

impl Proxy {
    pub(crate) async fn start(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let deaf_before = Arc::new(watch::Sender::new(0));
        let made = Arc::new(watch::Sender::new(0));
        let (deaf, number) = (Arc::clone(&deaf_before), Arc::clone(&made));
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let Ok(server) = TcpStream::connect(&server).await else {
                    continue;
                };
                let own = *number.borrow();
                number.send_replace(own + 1);
                let deaf = deaf.subscribe();
                let (client_reads, mut client_writes) = client.into_split();
                let (server_reads, mut server_writes) = server.into_split();
                tokio::spawn(async move {
                    let mut client_reads = client_reads;
                    let _ = tokio::io::copy(&mut client_reads, &mut server_writes).await;
                });
                tokio::spawn(async move {
                    let mut server_reads = server_reads;
                    let mut bytes = vec![0; 64 * 1024];
                    while let Ok(length @ 1..) = server_reads.read(&mut bytes).await {
                        let is_deaf = own < *deaf.borrow();
                        if !is_deaf && client_writes.write_all(&bytes[..length]).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self {
            address,
            deaf_before,
            made,
        }
    }

    /// From now on, nothing that the server says over a connection that there is reaches the client.
    pub(crate) fn deafen(&self) {
        let made = *self.made.borrow();
        self.deaf_before.send_replace(made);
    }
}

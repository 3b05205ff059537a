//! The one address of the cluster: spreads connections over the nodes in turn. It knows TCP and nothing of what goes over it.
//!
//! A node that says it is ready gets connections. When none is (NATS is away, so all can read and none can write), every node
//! that answers at all does. One that does not answer any more loses the connections it has, so that clients go elsewhere.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::http;

/// How often each node is asked how it is.
const CHECK_EVERY: Duration = Duration::from_secs(1);
const CONNECT_WAIT: Duration = Duration::from_secs(1);
/// Connections at once, each of two threads.
const CONNECTIONS_MAX: usize = 1_000;
/// What goes to whoever comes while no node answers.
const NOBODY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\
    Retry-After: 1\r\nConnection: close\r\n\r\nNo node answers.\r\n";

/// How a node is, as far as the proxy is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It does not answer.
    #[default]
    Gone,
    /// It answers, says that it is not ready, and why.
    Unready(String),
    Ready,
}

/// The nodes, and who is connected to which.
pub(crate) struct Proxy {
    nodes: Vec<Node>,
    next: AtomicU64,
}

struct Node {
    address: SocketAddr,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    standing: Standing,
    clients: BTreeMap<u64, TcpStream>,
}

impl Proxy {
    /// Takes connections at this listener and spreads them over these nodes, on threads of its own.
    pub(crate) fn start(listener: TcpListener, nodes: &[SocketAddr]) -> Arc<Self> {
        let nodes = nodes.iter().map(|address| Node {
            address: *address,
            inner: Mutex::default(),
        });
        let proxy = Arc::new(Self {
            nodes: nodes.collect(),
            next: AtomicU64::new(0),
        });
        for index in 0..proxy.nodes.len() {
            proxy.nodes[index].check();
            let proxy = Arc::clone(&proxy);
            thread::spawn(move || {
                loop {
                    thread::sleep(CHECK_EVERY);
                    proxy.nodes[index].check();
                }
            });
        }
        let taking = Arc::clone(&proxy);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let proxy = Arc::clone(&taking);
                if proxy.connections() < CONNECTIONS_MAX {
                    thread::spawn(move || proxy.serve(client));
                }
            }
        });
        proxy
    }

    /// How each node is, in their order.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        let nodes = self.nodes.iter();
        nodes.map(|node| node.lock().standing.clone()).collect()
    }

    fn connections(&self) -> usize {
        self.nodes.iter().map(|node| node.lock().clients.len()).sum()
    }

    /// One client's connection, from its begin to its end.
    fn serve(&self, mut client: TcpStream) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Some((node, socket)) = self.connect(number) else {
            let _ = client.set_read_timeout(Some(CONNECT_WAIT));
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(NOBODY);
            return;
        };
        // Only for a check to close it.
        if let Ok(copy) = client.try_clone() {
            node.lock().clients.insert(number, copy);
        }
        let _ = relay(&client, &socket);
        node.lock().clients.remove(&number);
    }

    /// The node whose turn it is, connected; the next one when that fails.
    fn connect(&self, number: u64) -> Option<(&Node, TcpStream)> {
        let in_turn = || {
            let first = usize::try_from(number % self.nodes.len().max(1) as u64).unwrap_or(0);
            self.nodes.iter().cycle().skip(first).take(self.nodes.len())
        };
        let ready = in_turn().filter(|node| node.lock().standing == Standing::Ready);
        let answering = in_turn().filter(|node| matches!(node.lock().standing, Standing::Unready(_)));
        ready.chain(answering).find_map(|node| {
            let socket = TcpStream::connect_timeout(&node.address, CONNECT_WAIT).ok()?;
            Some((node, socket))
        })
    }
}

impl Node {
    /// Asks it how it is.
    fn check(&self) {
        let standing = match http::get(self.address, "/readyz") {
            Ok(answer) if answer.status == 200 => Standing::Ready,
            Ok(answer) => Standing::Unready(answer.says),
            Err(_) => Standing::Gone,
        };
        let mut inner = self.lock();
        if standing == Standing::Gone {
            for client in inner.clients.values() {
                let _ = client.shutdown(Shutdown::Both);
            }
        }
        inner.standing = standing;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies both ways until the node has said all, or the client is gone.
fn relay(client: &TcpStream, node: &TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    node.set_nodelay(true)?;
    let (mut from_client, mut to_node) = (client.try_clone()?, node.try_clone()?);
    let there = thread::spawn(move || {
        let _ = io::copy(&mut from_client, &mut to_node);
        let _ = to_node.shutdown(Shutdown::Write);
    });
    let copied = io::copy(&mut &*node, &mut &*client);
    let _ = client.shutdown(Shutdown::Both);
    let _ = node.shutdown(Shutdown::Both);
    let _ = there.join();
    copied.map(|_| ())
}

/// Takes a port of loopback for the proxy; 0 takes a free one.
pub(crate) fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port));
    listener.with_context(|| format!("cannot listen on port {port}; `--port 0` takes a free one"))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU16;

    use super::*;

    /// A node that answers `/readyz` with this status and everything else with its name; with no status, with nothing at all.
    struct Toy {
        address: SocketAddr,
        status: Arc<AtomicU16>,
    }

    fn toy(name: &'static str, status: u16) -> Toy {
        let listener = listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let status = Arc::new(AtomicU16::new(status));
        let now = Arc::clone(&status);
        thread::spawn(move || {
            let mut held = Vec::new();
            for mut socket in listener.incoming().flatten() {
                let mut asked = [0; 512];
                let read = socket.read(&mut asked).unwrap_or(0);
                let status = now.load(Ordering::Relaxed);
                if asked[..read].starts_with(b"GET /readyz") {
                    if status != 0 {
                        let _ = write!(socket, "HTTP/1.1 {status} X\r\n\r\nwhy\n");
                    }
                } else {
                    let _ = socket.write_all(name.as_bytes());
                    held.push(socket);
                }
            }
        });
        Toy { address, status }
    }

    fn start(toys: &[&Toy]) -> (Arc<Proxy>, SocketAddr) {
        let listener = listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let nodes: Vec<_> = toys.iter().map(|toy| toy.address).collect();
        (Proxy::start(listener, &nodes), address)
    }

    fn wait_for(proxy: &Proxy, standings: &[Standing]) {
        while proxy.standings() != standings {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A connection, and which node it is with.
    fn connect(address: SocketAddr) -> (TcpStream, String) {
        let mut socket = TcpStream::connect(address).unwrap();
        socket.write_all(b"hello").unwrap();
        let mut name = [0; 1];
        socket.read_exact(&mut name).unwrap();
        (socket, String::from_utf8_lossy(&name).into_owned())
    }

    fn three_names(address: SocketAddr) -> String {
        let mut names: Vec<_> = (0..3).map(|_| connect(address).1).collect();
        names.sort();
        names.concat()
    }

    #[test]
    fn connections_go_to_the_ready_nodes_in_turn() {
        let (a, b, c) = (toy("a", 200), toy("b", 200), toy("c", 503));
        let (proxy, address) = start(&[&a, &b, &c]);
        wait_for(
            &proxy,
            &[
                Standing::Ready,
                Standing::Ready,
                Standing::Unready("why".to_owned()),
            ],
        );
        let names = three_names(address);
        assert!(["aab", "abb"].contains(&names.as_str()), "{names}");
        c.status.store(200, Ordering::Relaxed);
        wait_for(&proxy, &[Standing::Ready, Standing::Ready, Standing::Ready]);
        assert_eq!(three_names(address), "abc");
    }

    #[test]
    fn when_none_is_ready_those_that_answer_are_used() {
        let (a, b) = (toy("a", 503), toy("b", 0));
        let (proxy, address) = start(&[&a, &b]);
        wait_for(&proxy, &[Standing::Unready("why".to_owned()), Standing::Gone]);
        assert_eq!(three_names(address), "aaa");
    }

    #[test]
    fn a_node_that_answers_no_more_loses_its_connections() {
        let a = toy("a", 200);
        let (proxy, address) = start(&[&a]);
        wait_for(&proxy, &[Standing::Ready]);
        let (mut socket, _) = connect(address);
        a.status.store(0, Ordering::Relaxed);
        assert_eq!(socket.read(&mut [0; 1]).unwrap_or(0), 0);
        wait_for(&proxy, &[Standing::Gone]);
        let mut said = String::new();
        let mut late = TcpStream::connect(address).unwrap();
        late.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        late.read_to_string(&mut said).unwrap();
        assert!(said.contains("No node answers."), "{said}");
    }
}

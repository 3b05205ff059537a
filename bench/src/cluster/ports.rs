//! Ports to listen on, from below those that the system gives to outgoing connections.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Result, ensure};

/// Where they are looked for from.
const PORTS_FROM: u16 = 15_222;

/// So many free ports of the loopback interface, each another.
///
/// # Errors
/// When there are not so many.
pub(super) fn free(count: usize) -> Result<Vec<SocketAddr>> {
    let addresses = (PORTS_FROM..=u16::MAX).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    // Held until all are found.
    let held: Vec<_> = addresses
        .filter_map(|address| {
            TcpListener::bind(address)
                .ok()
                .map(|listener| (address, listener))
        })
        .take(count)
        .collect();
    ensure!(
        held.len() == count,
        "there are not enough free ports on 127.0.0.1"
    );
    Ok(held.into_iter().map(|(address, _)| address).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_is_another_and_free() {
        let ports = free(9).unwrap();
        assert!(ports.windows(2).all(|pair| pair[0] < pair[1]), "{ports:?}");
        let _taken = TcpListener::bind(ports[0]).unwrap();
        assert!(!free(9).unwrap().contains(&ports[0]));
    }
}

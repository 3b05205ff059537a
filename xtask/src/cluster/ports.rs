//! Ports to listen on. They are looked for below those that the system gives to outgoing connections: a connection to such a
//! port that nobody listens on can end up at itself.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context, Result};

/// So many free ports of loopback, from this one on.
pub(crate) fn free(from: u16, count: usize) -> Result<Vec<SocketAddr>> {
    let addresses = (from..=u16::MAX).map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    let mut held = Vec::new();
    let mut found = Vec::new();
    for address in addresses {
        if found.len() == count {
            return Ok(found);
        }
        if let Ok(listener) = TcpListener::bind(address) {
            held.push(listener);
            found.push(address);
        }
    }
    found
        .len()
        .checked_sub(count)
        .context("there are not enough free ports on 127.0.0.1")?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_taken_is_passed_over() {
        let [first, second] = free(20_000, 2).unwrap()[..] else {
            panic!("two were asked for")
        };
        assert!(first < second);
        let _taken = TcpListener::bind(first).unwrap();
        assert!(!free(first.port(), 2).unwrap().contains(&first));
    }
}

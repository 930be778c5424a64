//! Where another context is: every address its name stands for.

use std::{net::SocketAddr, time::Duration};

use parking_lot::Mutex;
use thiserror::Error;
use tokio::{net::lookup_host, time::Instant};

/// How long addresses are believed.
const FRESH: Duration = Duration::from_secs(5);

/// Where a context is served.
#[derive(Debug)]
pub struct Target {
    /// `stock.example:8080`
    host: String,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    addresses: Vec<SocketAddr>,
    asked: Option<Instant>,
    turn: usize,
}

/// Why an address is none.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is no address of a process: it must be http://HOST:PORT")]
pub struct TargetError(String);

impl Target {
    /// `http://HOST:PORT`; all addresses of the host are used, in turn.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn of(url: &str) -> Result<Self, TargetError> {
        let wrong = || TargetError(url.to_owned());
        let host = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
        let (name, port) = host.rsplit_once(':').ok_or_else(wrong)?;
        if name.is_empty() || name.contains('/') || port.parse::<u16>().is_err() {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), known: Mutex::default() })
    }

    /// What stands in the `Host` header.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The next of its addresses.
    ///
    /// # Errors
    ///
    /// When the name stands for none.
    pub async fn next(&self) -> std::io::Result<SocketAddr> {
        let known = self.known.lock().asked.is_some_and(|asked| asked.elapsed() < FRESH);
        if !known {
            let found: Vec<_> = lookup_host(&self.host).await?.collect();
            let mut known = self.known.lock();
            known.addresses = found;
            known.asked = Some(Instant::now());
        }
        let mut known = self.known.lock();
        known.turn = known.turn.wrapping_add(1);
        let count = known.addresses.len().max(1);
        let next = known.addresses.get(known.turn % count).copied();
        next.ok_or_else(|| std::io::Error::other(format!("{} has no address", self.host)))
    }

    /// One of them did not answer: the name is looked up again.
    pub fn failed(&self) {
        self.known.lock().asked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn only_a_host_and_a_port_is_an_address() {
        for good in ["http://127.0.0.1:7101", "http://stock.shop.svc:80/", "http://[::1]:7101"] {
            assert!(Target::of(good).is_ok(), "{good}");
        }
        for bad in
            ["", "stock:80", "https://stock:80", "http://stock", "http://:80", "http://a/b:80"]
        {
            let error = Target::of(bad).map(drop).expect_err(bad).to_string();
            assert!(error.contains("must be http://HOST:PORT"), "{error}");
        }
    }

    #[tokio::test]
    async fn every_address_of_a_name_has_its_turn() {
        let target = Target::of("http://localhost:7101").expect("a target");
        let first = target.next().await.expect("an address");
        assert_eq!(first.port(), 7101);
        target.failed();
        assert!(target.next().await.is_ok());
    }
}

//! Where another context is: every address its names stand for.

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
    hosts: Vec<String>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Each with the place of its host.
    addresses: Vec<(usize, SocketAddr)>,
    asked: Option<Instant>,
    turn: usize,
}

/// Why an address is none.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is no address of a process: it must be http://HOST:PORT")]
pub struct TargetError(String);

impl Target {
    /// `http://HOST:PORT`, or several; all addresses of all of them are used, in
    /// turn.
    ///
    /// # Errors
    ///
    /// When one is something else, or there is none.
    pub fn of<'a>(urls: impl IntoIterator<Item = &'a str>) -> Result<Self, TargetError> {
        let hosts = urls.into_iter().map(host).collect::<Result<Vec<_>, _>>()?;
        if hosts.is_empty() {
            return Err(TargetError(String::new()));
        }
        Ok(Self { hosts, known: Mutex::default() })
    }

    /// All of its addresses, each with what stands in the `Host` header; another
    /// one comes first each time.
    ///
    /// # Errors
    ///
    /// When the names stand for none.
    pub async fn addresses(&self) -> std::io::Result<Vec<(&str, SocketAddr)>> {
        let known = self.known.lock().asked.is_some_and(|asked| asked.elapsed() < FRESH);
        if !known {
            let (mut found, mut wrong) = (Vec::new(), None);
            for (index, host) in self.hosts.iter().enumerate() {
                match lookup_host(host).await {
                    Ok(addresses) => found.extend(addresses.map(|it| (index, it))),
                    Err(error) => wrong = Some(error),
                }
            }
            if let (true, Some(error)) = (found.is_empty(), wrong) {
                return Err(error);
            }
            let mut known = self.known.lock();
            (known.addresses, known.asked) = (found, Some(Instant::now()));
        }
        let mut known = self.known.lock();
        known.turn = known.turn.wrapping_add(1);
        let mut addresses: Vec<_> =
            known.addresses.iter().map(|(index, it)| (self.hosts[*index].as_str(), *it)).collect();
        if addresses.is_empty() {
            return Err(std::io::Error::other(format!("{:?} have no address", self.hosts)));
        }
        let turn = known.turn % addresses.len();
        addresses.rotate_left(turn);
        Ok(addresses)
    }

    /// One of them did not answer: the names are looked up again.
    pub fn failed(&self) {
        self.known.lock().asked = None;
    }
}

fn host(url: &str) -> Result<String, TargetError> {
    let wrong = || TargetError(url.to_owned());
    let host = url.strip_prefix("http://").ok_or_else(wrong)?.trim_end_matches('/');
    let (name, port) = host.rsplit_once(':').ok_or_else(wrong)?;
    if name.is_empty() || name.contains('/') || port.parse::<u16>().is_err() {
        return Err(wrong());
    }
    Ok(host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn only_a_host_and_a_port_is_an_address() {
        for good in ["http://127.0.0.1:7101", "http://stock.shop.svc:80/", "http://[::1]:7101"] {
            assert!(Target::of([good]).is_ok(), "{good}");
        }
        for bad in
            ["", "stock:80", "https://stock:80", "http://stock", "http://:80", "http://a/b:80"]
        {
            let error = Target::of([bad]).map(drop).expect_err(bad).to_string();
            assert!(error.contains("must be http://HOST:PORT"), "{error}");
        }
        assert!(Target::of([]).is_err());
    }

    #[tokio::test]
    async fn every_address_has_its_turn_to_be_the_first() {
        let target = Target::of(["http://127.0.0.1:7101", "http://127.0.0.1:7102"]);
        let target = target.expect("a target");
        let mut first = Vec::new();
        for _ in 0..4 {
            let addresses = target.addresses().await.expect("addresses");
            assert_eq!(addresses.len(), 2);
            first.push(addresses[0].1.port());
            target.failed();
        }
        first.sort_unstable();
        assert_eq!(first, [7101, 7101, 7102, 7102]);
    }
}

//! How many requests each client may make.

use std::{collections::HashMap, net::IpAddr, time::Duration};

use parking_lot::Mutex;
use rest::edge::neighbourhood;
use tokio::time::Instant;

/// So many shares of the table, that few clients meet at one lock.
const SHARES: usize = 16;
/// The clients that one share remembers before it forgets those who have been quiet.
const REMEMBERED_MAX: usize = 4_096;

/// How many requests each client may make.
pub struct Rate {
    began: Instant,
    /// What one request costs, and how far ahead a client may be, in nanoseconds; nothing where
    /// everybody may make as many as they like.
    cost: Option<(u64, u64)>,
    /// When each client has paid for everything, in nanoseconds since the beginning.
    shares: Vec<Mutex<HashMap<IpAddr, u64>>>,
}

impl Rate {
    /// So many each second, and twice as many at once; 0 is without an end.
    pub fn of(per_second: u32) -> Self {
        let second = 1_000_000_000;
        let cost = (per_second > 0).then(|| (second / u64::from(per_second), 2 * second));
        let shares = (0..SHARES).map(|_| Mutex::default()).collect();
        Self { began: Instant::now(), cost, shares }
    }

    /// One more request of this client; or when it may come again.
    pub fn take(&self, client: IpAddr) -> Result<(), Duration> {
        let Some((cost, ahead_max)) = self.cost else { return Ok(()) };
        let client = neighbourhood(client);
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let mut share = self.shares[share_of(client)].lock();
        if share.len() >= REMEMBERED_MAX && !share.contains_key(&client) {
            share.retain(|_, paid| *paid > now);
        }
        let paid = share.entry(client).or_insert(now);
        let next = (*paid).max(now) + cost;
        if next - now > ahead_max {
            return Err(Duration::from_nanos(next - now - ahead_max));
        }
        *paid = next;
        Ok(())
    }
}

fn share_of(client: IpAddr) -> usize {
    let folded = match client {
        IpAddr::V4(it) => u64::from(it.to_bits()),
        IpAddr::V6(it) => u64::try_from(it.to_bits() >> 64).unwrap_or(0),
    };
    usize::try_from(folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60).unwrap_or(0) % SHARES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_may_be_ahead_for_a_while_and_no_further() {
        let rate = Rate::of(10);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
        let allowed = (0..50).take_while(|_| rate.take(one).is_ok()).count();
        assert_eq!(allowed, 20, "twice as many at once");
        assert_eq!(rate.take(one), Err(Duration::from_millis(100)));
        assert_eq!(rate.take(other), Ok(()), "nobody pays for another");
        tokio::time::advance(Duration::from_millis(250)).await;
        let allowed = (0..50).take_while(|_| rate.take(one).is_ok()).count();
        assert_eq!(allowed, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn neighbours_are_one_client_and_none_is_no_limit() {
        let rate = Rate::of(1);
        assert!(rate.take("2001:db8:1:2::1".parse().unwrap()).is_ok());
        assert!(rate.take("2001:db8:1:2::2".parse().unwrap()).is_ok());
        assert!(rate.take("2001:db8:1:2::3".parse().unwrap()).is_err());
        let free = Rate::of(0);
        assert!((0..10_000).all(|_| free.take("192.0.2.1".parse().unwrap()).is_ok()));
    }
}

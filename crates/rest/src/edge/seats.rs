//! Counts the connections, in all and per address, and chooses who leaves when there is no room.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::limits::Limits;

/// How many leave when the system has no descriptor for one more.
const SENT_AWAY_AT_ONCE: usize = 16;

/// Everyone who is connected to one edge.
#[derive(Debug)]
pub(super) struct Seats {
    table: Mutex<Table>,
    in_all_max: usize,
    per_address_max: usize,
}

#[derive(Debug, Default)]
struct Table {
    /// Numbers connections, and orders the moments at which they became quiet.
    last_number: u64,
    taken: HashMap<u64, Place>,
    quiet: BTreeMap<u64, u64>,
    addresses: HashMap<IpAddr, Address>,
}

#[derive(Debug)]
struct Place {
    address: IpAddr,
    quiet_since: Option<u64>,
    leave: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Address {
    taken: usize,
    quiet: BTreeMap<u64, u64>,
}

/// The place of one connection; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    leave: Arc<Notify>,
}

impl Seats {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            table: Mutex::default(),
            in_all_max: limits.connections_max,
            per_address_max: limits.connections_per_address_max,
        })
    }

    /// A seat, if need be that of the connection which has had nothing in work for longest.
    /// `None` if all are at work.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let address = neighbourhood(address);
        let mut table = self.table.lock();
        let from_there = table.addresses.get(&address);
        if from_there.is_some_and(|there| there.taken >= self.per_address_max) {
            let oldest = from_there?.quiet.values().next().copied()?;
            table.send_away(oldest);
        }
        if table.taken.len() >= self.in_all_max {
            table.send_oldest_away().then_some(())?;
        }
        let (number, leave) = (table.next_number(), Arc::new(Notify::new()));
        table.taken.insert(number, Place { address, quiet_since: None, leave: leave.clone() });
        table.addresses.entry(address).or_default().taken += 1;
        table.set_quiet(number, true);
        Some(Seat { seats: self.clone(), number, leave })
    }

    /// Asks some of those to leave that have had nothing in work for longest.
    pub(super) fn make_room(&self) {
        let mut table = self.table.lock();
        let _ = (0..SENT_AWAY_AT_ONCE).all(|_| table.send_oldest_away());
    }
}

impl Seat {
    /// Says whether the connection has nothing in work.
    pub(super) fn set_quiet(&self, quiet: bool) {
        self.seats.table.lock().set_quiet(self.number, quiet);
    }

    /// Waits until the seat was given to someone else.
    pub(super) async fn lost(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.table.lock().remove(self.number);
    }
}

impl Table {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    fn set_quiet(&mut self, number: u64, quiet: bool) {
        let moment = self.next_number();
        let Some(place) = self.taken.get_mut(&number) else { return };
        let since = quiet.then_some(moment);
        let before = std::mem::replace(&mut place.quiet_since, since);
        let there = self.addresses.entry(place.address).or_default();
        if let Some(before) = before {
            self.quiet.remove(&before);
            there.quiet.remove(&before);
        }
        if quiet {
            self.quiet.insert(moment, number);
            there.quiet.insert(moment, number);
        }
    }

    fn send_oldest_away(&mut self) -> bool {
        let oldest = self.quiet.values().next().copied();
        oldest.inspect(|number| self.send_away(*number)).is_some()
    }

    fn send_away(&mut self, number: u64) {
        if let Some(place) = self.remove(number) {
            place.leave.notify_one();
        }
    }

    fn remove(&mut self, number: u64) -> Option<Place> {
        self.set_quiet(number, false);
        let place = self.taken.remove(&number)?;
        if let Some(there) = self.addresses.get_mut(&place.address) {
            there.taken -= 1;
            if there.taken == 0 {
                self.addresses.remove(&place.address);
            }
        }
        Some(place)
    }
}

/// Whom we count as one: an IPv4 address, or the /64 that a customer of IPv6 is given.
#[must_use]
pub fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(wide) => Ipv6Addr::from_bits(wide.to_bits() >> 64 << 64).into(),
        narrow @ IpAddr::V4(_) => narrow,
    }
}

#[cfg(test)]
mod tests {
    use super::neighbourhood;

    #[test]
    fn an_address_is_counted_with_its_neighbourhood() {
        let cases = [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ];
        for (address, counted) in cases {
            assert_eq!(neighbourhood(address.parse().unwrap()).to_string(), counted);
        }
    }
}

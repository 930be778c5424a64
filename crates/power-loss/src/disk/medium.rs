//! One file: what of it is on the disk, and what is only on its way there.

use crate::{dice::Dice, disk::Loss};

/// One file.
#[derive(Debug, Default)]
pub struct Medium {
    /// What is there whatever happens.
    durable: Vec<u8>,
    /// What was done to it since it was last synced, in order.
    pending: Vec<Change>,
    /// How long it is, with what is pending.
    length: u64,
}

#[derive(Debug)]
enum Change {
    Write(u64, Vec<u8>),
    Size(u64),
}

/// How many sectors were on their way when the power failed, and what became of them.
#[derive(Debug, Default, Clone, Copy)]
pub struct Toll {
    /// Their old content is still there.
    pub dropped: u64,
    /// They are neither as they were nor as they should be.
    pub torn: u64,
    /// They made it.
    pub kept: u64,
}

impl Medium {
    /// All of it has been on the disk for long.
    pub fn of(durable: Vec<u8>) -> Self {
        let length = durable.len() as u64;
        Self { durable, pending: Vec::new(), length }
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// This was written, and is on its way.
    pub fn write(&mut self, at: u64, bytes: &[u8]) {
        self.length = self.length.max(at + bytes.len() as u64);
        self.pending.push(Change::Write(at, bytes.to_vec()));
    }

    /// It has another length now, which is on its way.
    pub fn resize(&mut self, length: u64) {
        self.length = length;
        self.pending.push(Change::Size(length));
    }

    /// All that was on its way has arrived.
    pub fn sync(&mut self) {
        for change in self.pending.drain(..) {
            match change {
                Change::Write(at, bytes) => put(&mut self.durable, at, &bytes),
                Change::Size(length) => self.durable.resize(size(length), 0),
            }
        }
    }

    /// As a kernel does it: what could not be written is forgotten, and the next
    /// sync does not write it either.
    pub fn fail_to_sync(&mut self, loss: &Loss, dice: &Dice) {
        self.durable = self.after(loss, dice, &mut Toll::default());
        self.pending.clear();
    }

    /// What is there when the power is back.
    pub fn after(&self, loss: &Loss, dice: &Dice, toll: &mut Toll) -> Vec<u8> {
        let mut left = self.durable.clone();
        // Some disks keep the order in which they were told, up to a point.
        let end = if loss.in_order { dice.index(self.pending.len() + 1) } else { usize::MAX };
        for (index, change) in self.pending.iter().enumerate() {
            let kept = if !loss.in_order {
                loss.kept
            } else if index < end {
                100
            } else if index == end {
                50
            } else {
                0
            };
            match change {
                Change::Write(at, bytes) => {
                    for (at, bytes) in sectors(*at, bytes, loss.sector) {
                        write(&mut left, at, bytes, kept, dice, toll);
                    }
                }
                Change::Size(length) if dice.percent(kept) => left.resize(size(*length), 0),
                Change::Size(_) => {}
            }
        }
        left
    }
}

/// One sector arrives, does not, or is torn: a disk writes it from one end to the other.
fn write(left: &mut Vec<u8>, at: u64, bytes: &[u8], kept: u64, dice: &Dice, toll: &mut Toll) {
    if dice.percent(kept) {
        toll.kept += 1;
        put(left, at, bytes);
    } else if kept > 0 && dice.percent(20) {
        toll.torn += 1;
        let cut = dice.index(bytes.len());
        if dice.percent(50) {
            put(left, at, &bytes[..cut]);
        } else {
            put(left, at + cut as u64, &bytes[cut..]);
        }
    } else {
        toll.dropped += 1;
    }
}

/// What is written, cut where the sectors of the disk begin.
fn sectors(mut at: u64, mut bytes: &[u8], sector: u64) -> impl Iterator<Item = (u64, &[u8])> {
    std::iter::from_fn(move || {
        let room = size(sector - at % sector).min(bytes.len());
        let (head, tail) = bytes.split_at(room);
        let found = (at, head);
        (at, bytes) = (at + room as u64, tail);
        (!head.is_empty()).then_some(found)
    })
}

fn put(content: &mut Vec<u8>, at: u64, bytes: &[u8]) {
    let (begin, end) = (size(at), size(at) + bytes.len());
    if content.len() < end {
        content.resize(end, 0);
    }
    content[begin..end].copy_from_slice(bytes);
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).expect("these files fit into memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_synced_stays_and_the_rest_goes() {
        let mut medium = Medium::default();
        medium.write(0, &[1; 1024]);
        medium.sync();
        medium.write(512, &[2; 1024]);
        medium.resize(100);
        assert_eq!(after(&medium, 0), [1; 1024]);
        assert_eq!(after(&medium, 100), [1; 100]);
    }

    #[test]
    fn what_could_not_be_synced_is_not_there_after_the_next_sync_either() {
        let mut medium = Medium::of(vec![1; 512]);
        medium.write(0, &[2; 512]);
        medium.fail_to_sync(&loss(0), &Dice::of(1, 1));
        medium.sync();
        assert_eq!(after(&medium, 100), [1; 512]);
    }

    #[test]
    fn a_write_is_torn_where_sectors_begin() {
        let cut = sectors(500, &[0; 600], 512).map(|(at, bytes)| (at, bytes.len()));
        assert_eq!(cut.collect::<Vec<_>>(), [(500, 12), (512, 512), (1024, 76)]);
    }

    fn after(medium: &Medium, kept: u64) -> Vec<u8> {
        medium.after(&loss(kept), &Dice::of(1, 1), &mut Toll::default())
    }

    fn loss(kept: u64) -> Loss {
        Loss { sector: 512, kept, in_order: false }
    }
}

//! Where a list goes on: opaque to whoever holds it, and of no use when it was changed.

use kernel::Indexed;
use sha2::{Digest, Sha256};

use crate::percent::{hex, to_hex};

/// After which row a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The page that begins there, from 0.
    pub page: u64,
    /// What stands in the field the list is sorted by.
    pub value: Option<Indexed>,
    /// The number of the row.
    pub number: u64,
}

impl Cursor {
    /// For the list of this name and order.
    pub fn write(&self, list: &str) -> String {
        let value = match &self.value {
            None => String::new(),
            Some(Indexed::Nothing) => "n".to_owned(),
            Some(Indexed::Whole(number)) => format!("w{number}"),
            Some(Indexed::Text(text)) => format!("t{text}"),
        };
        let text = format!("{}\n{}\n{value}", self.page, self.number);
        to_hex(text.bytes().chain(seal(list, &text)))
    }

    /// Nothing, when it was not written for the list of this name and order.
    pub fn read(list: &str, written: &str) -> Option<Self> {
        let digits = written.as_bytes();
        let pairs = digits.chunks(2).map(|pair| match pair {
            [high, low] => Some(hex(*high)? << 4 | hex(*low)?),
            _ => None,
        });
        let mut bytes = pairs.collect::<Option<Vec<u8>>>()?;
        let sealed = bytes.split_off(bytes.len().checked_sub(4)?);
        let text = String::from_utf8(bytes).ok()?;
        if sealed != seal(list, &text) {
            return None;
        }
        let mut parts = text.splitn(3, '\n');
        let (page, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let value = parts.next()?;
        let value = match value.split_at_checked(1) {
            None => None,
            Some(("w", number)) => Some(Indexed::Whole(number.parse().ok()?)),
            Some(("t", text)) => Some(Indexed::Text(text.to_owned())),
            Some(_) => Some(Indexed::Nothing),
        };
        Some(Self { page, value, number })
    }
}

/// Not a secret: it only keeps a cursor from meaning something it never meant.
fn seal(list: &str, text: &str) -> [u8; 4] {
    let digest = Sha256::new().chain_update(list).chain_update("\n").chain_update(text).finalize();
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Indexed};

    #[test]
    fn a_cursor_means_what_it_meant() {
        let values = [None, Some(Indexed::Nothing), Some((-7).into()), Some("김\n서연".into())];
        for value in values {
            let cursor = Cursor { page: 3, value, number: 41 };
            assert_eq!(Cursor::read("requests/date", &cursor.write("requests/date")), Some(cursor));
        }
    }

    #[test]
    fn a_cursor_that_was_changed_means_nothing() {
        let written = Cursor { page: 1, value: Some("a".into()), number: 2 }.write("requests");
        assert_eq!(Cursor::read("services", &written), None);
        for (at, _) in written.char_indices() {
            let mut changed = written.clone();
            let digit = if &written[at..=at] == "0" { "1" } else { "0" };
            changed.replace_range(at..=at, digit);
            assert_eq!(Cursor::read("requests", &changed), None, "{at}");
        }
        for broken in ["", "0", "zz", "00", "가나"] {
            assert_eq!(Cursor::read("requests", broken), None);
        }
    }
}

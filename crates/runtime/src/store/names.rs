//! Names in store that nobody need declare any more.

use std::collections::BTreeSet;

use parking_lot::Mutex;

static KEPT: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A name as it is stored, for as long as the process lasts: that of a command
/// which led to an event long ago, and is not given any more. There are no more
/// of them than there were ever declared.
#[must_use]
pub fn kept_name(name: &str) -> &'static str {
    let mut kept = KEPT.lock();
    if let Some(name) = kept.get(name) {
        return name;
    }
    let name: &'static str = String::from(name).leak();
    kept.insert(name);
    name
}

#[cfg(test)]
mod tests {
    use super::kept_name;

    #[test]
    fn a_name_is_kept_once() {
        let name = String::from("AskedLongAgo");
        assert!(std::ptr::eq(kept_name(&name), kept_name("AskedLongAgo")));
    }
}

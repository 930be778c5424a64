//! Fields behind a question mark.

use std::fmt::Write;

/// A path with those fields that have a value.
pub fn with(path: &str, fields: &[(&str, Option<&str>)]) -> String {
    let mut text = path.to_owned();
    let given = fields.iter().filter_map(|(name, value)| Some((name, (*value)?)));
    for (between, (name, value)) in std::iter::once('?').chain(std::iter::repeat('&')).zip(given) {
        text.push(between);
        text.push_str(name);
        text.push('=');
        text.push_str(&encoded(value));
    }
    text
}

/// A text as it may stand in an address.
pub fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            // Writing to a text never fails.
            _ => drop(write!(text, "%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::with;

    #[test]
    fn only_what_is_given_and_nothing_that_could_end_a_field() {
        let fields = [("case", Some("request/1")), ("context", None), ("q", Some("가 &"))];
        assert_eq!(with("/ops/events", &fields), "/ops/events?case=request%2F1&q=%EA%B0%80%20%26");
        assert_eq!(with("/ops/ledger", &[]), "/ops/ledger");
    }
}

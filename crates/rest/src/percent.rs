//! Percent-encoding, as addresses have it.

use std::fmt::Write;

/// What is meant; nothing when it is not UTF-8, or an escape is broken.
#[must_use]
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// As [`decode`], where a plus stands for a space: in a query.
pub fn decode_query(text: &str) -> Option<String> {
    decode(&text.replace('+', " "))
}

/// Safe in a path and in a query.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Bytes as hexadecimal digits.
pub fn to_hex(bytes: impl IntoIterator<Item = u8>) -> String {
    let mut digits = String::new();
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// The value of a hexadecimal digit.
pub fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok())
}

#[cfg(test)]
mod tests {
    use super::{decode, decode_query, encode};

    #[test]
    fn what_is_encoded_comes_back() {
        for text in ["", "1", "화면이 안나와요", "a/b?c&d=e+f%", "~-_."] {
            assert_eq!(decode(&encode(text)).as_deref(), Some(text));
        }
        assert_eq!(decode_query("a+b%2B").as_deref(), Some("a b+"));
    }

    #[test]
    fn what_is_broken_is_not_guessed() {
        for broken in ["%", "%4", "%zz", "%ff", "%e3%81"] {
            assert_eq!(decode(broken), None, "{broken}");
        }
    }
}

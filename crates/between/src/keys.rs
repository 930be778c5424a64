//! The keys of a deployment, and the tokens made with them: HMAC-SHA256
//! (RFC 2104) over who speaks and when.

use std::{fmt, fs, path::Path};

use hmac::{Hmac, Mac};
use kernel::Time;
use sha2::Sha256;
use thiserror::Error;

/// How old a token may be, and how far ahead a clock may be, in milliseconds.
const SKEW: i64 = 60_000;
/// How short a key may be, in bytes.
const SHORTEST: usize = 32;

/// The keys of a deployment. The first makes tokens, all of them check. A new
/// key is added at the end everywhere, then put first everywhere, and then the
/// old one is taken out: so nobody meets a key it does not know.
#[derive(Clone)]
pub struct Keys(Vec<Vec<u8>>);

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why not.
        why: std::io::Error,
    },
    /// There is none in it.
    #[error("{path} holds no key: each line is one, of at least 32 characters")]
    Empty {
        /// Which file.
        path: String,
    },
    /// One of them is too short to be a secret.
    #[error("the key in line {line} of {path} is shorter than 32 characters")]
    Short {
        /// Which file.
        path: String,
        /// Which line, from 1.
        line: usize,
    },
}

impl Keys {
    /// The keys in a file, one in a line.
    ///
    /// # Errors
    ///
    /// When there is none, or one that is too short.
    pub fn from_file(path: &Path) -> Result<Self, KeyError> {
        let name = || path.display().to_string();
        let text = fs::read_to_string(path);
        let text = text.map_err(|why| KeyError::Unreadable { path: name(), why })?;
        let lines = text.lines().map(str::trim).enumerate();
        let mut keys = Vec::new();
        for (index, key) in lines.filter(|(_, key)| !key.is_empty()) {
            if key.len() < SHORTEST {
                return Err(KeyError::Short { path: name(), line: index + 1 });
            }
            keys.push(key.as_bytes().to_vec());
        }
        if keys.is_empty() {
            return Err(KeyError::Empty { path: name() });
        }
        Ok(Self(keys))
    }

    /// A token of this process, now: `<ms since 1970>.<hex>`.
    #[must_use]
    pub fn token(&self, now: Time) -> String {
        let signed = self.0.first().map(|key| hex(&mac(key, now.0).finalize().into_bytes()));
        format!("{}.{}", now.0, signed.unwrap_or_default())
    }

    /// Whether a token is one of this deployment, and fresh.
    #[must_use]
    pub fn knows(&self, token: &str, now: Time) -> bool {
        let Some((at, sign)) = token.split_once('.') else { return false };
        let (Ok(at), Some(sign)) = (at.parse::<i64>(), bytes(sign)) else { return false };
        let fresh = now.0.abs_diff(at) <= SKEW.unsigned_abs();
        // The comparison takes the same time whatever is wrong.
        fresh && self.0.iter().any(|key| mac(key, at).verify_slice(&sign).is_ok())
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} keys", self.0.len())
    }
}

fn mac(key: &[u8], at: i64) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).unwrap_or_else(|_| {
        // HMAC takes keys of any length.
        unreachable!("a key of {} bytes", key.len())
    });
    mac.update(b"madang between ");
    mac.update(&at.to_be_bytes());
    mac
}

fn hex(bytes: &[u8]) -> String {
    let digit = |it: u8| char::from(b"0123456789abcdef"[usize::from(it)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Keys, SKEW, Time};

    fn keys(lines: &str) -> Keys {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(lines.as_bytes()).expect("written");
        Keys::from_file(file.path()).expect("keys")
    }

    #[test]
    fn a_token_is_known_for_a_minute_by_whoever_has_its_key() {
        let (old, new) = ("o".repeat(32), "n".repeat(40));
        let (before, after) = (keys(&old), keys(&format!("{new}\n{old}\n")));
        let now = Time(1_767_571_200_000);
        let token = before.token(now);
        assert!(before.knows(&token, now) && after.knows(&token, now));
        assert!(after.knows(&token, Time(now.0 + SKEW)));
        assert!(!after.knows(&token, Time(now.0 + SKEW + 1)), "too old");
        assert!(!before.knows(&after.token(now), now), "signed with a key it has not");
        let moved = token.replacen("1767", "1768", 1);
        assert!(!before.knows(&moved, Time(now.0 + 1_000_000_000)), "another moment");
        for no in ["", ".", "x.y", "1767571200000.", "1767571200000.zz", &token[..token.len() - 1]]
        {
            assert!(!before.knows(no, now), "{no}");
        }
    }

    #[test]
    fn a_key_that_is_no_secret_is_refused_with_its_line() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        write!(file, "{}\nshort\n", "k".repeat(32)).expect("written");
        let error = Keys::from_file(file.path()).map(drop).expect_err("too short").to_string();
        assert!(error.starts_with("the key in line 2 of"), "{error}");
    }
}
